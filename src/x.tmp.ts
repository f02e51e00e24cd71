import { openTestSite } from './testing/site.ts';
let t=performance.now(); const lap=(s:string)=>{console.log(s, Math.round(performance.now()-t)); t=performance.now();};
const site = await openTestSite(); lap('open');
const app = await site.serve({demo:true}); lap('serve');
const get=async(url:string,viewer?:string)=>{ t=performance.now(); const r=await app.inject({url, headers: viewer?{cookie:'rollcall_demo_viewer='+viewer}:{}}); lap(url+' '+(viewer??'')+' '+r.statusCode+' '+r.body.length); return r;};
await get('/'); await get('/');
for (let i=0;i<3;i++) {await get('/schools/900001','department'); await get('/schools/900001');}
await get('/authorities/990'); await get('/authorities/990','department'); await get('/authorities/990','department');await get('/trusts/990001');
for (const u of ['/api/v1/schools?q=green&per_page=2','/api/v1/schools?page=2&la_code=990','/api/v1/schools/900005','/api/v1/schools/900012/absence','/api/v1/authorities','/api/v1/authorities/991/absence','/api/v1/trusts/990001','/api/v1/methods','/api/v1/openapi.json','/api','/api/v1/schools?page=0&x=1','/api/v1/schools/abc','/api/v1/schools/100000','/api/v1/nothing','/api/v1/schools/900001/expectation']) { const r=await get(u); console.log(JSON.stringify(r.headers), r.body.slice(0,600)); }
const r = await get('/api/v1/schools/900001/expectation','school:900001'); console.log(r.body.slice(0,500));
console.log(site.faults);
console.log(app.printRoutes({commonPrefix:false}));
await site.close(); lap('close');
