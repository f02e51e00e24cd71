// Enhances pages that work without it. The design system expects these two classes before it starts.
import { initAll } from 'govuk-frontend';

document.body.classList.add('js-enabled', 'govuk-frontend-supported');
initAll();
