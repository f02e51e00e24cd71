import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOwnMachine } from './ownMachine.ts';

const asked = (host: string, headers: Record<string, string> = {}, ip = '127.0.0.1') =>
  isOwnMachine({ ip, headers: { host, ...headers } });

test('who asks on this machine by its own name is on this machine', () => {
  for (const host of ['localhost', 'localhost:3000', 'LOCALHOST', '127.0.0.1:3000', '[::1]:3000']) {
    assert.equal(asked(host), true, host);
  }
  for (const ip of ['::1', '::ffff:127.0.0.1']) assert.equal(asked('localhost', {}, ip), true, ip);
});

test('who asks by another name, from another machine or through a proxy is not', () => {
  for (const host of ['', 'rollcall.example', 'localhost.example', '127.0.0.1.example:3000']) {
    assert.equal(asked(host), false, host);
  }
  assert.equal(asked('localhost', {}, '198.51.100.7'), false);
  for (const header of ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-proto', 'x-real-ip']) {
    assert.equal(asked('localhost', { [header]: 'any' }), false, header);
  }
});
