// The API documentation page: plain HTML and script, no outside asset. Reads /openapi.json and lets one try a
// route.
#pragma once

#include <string_view>

namespace switchyard::http::routes {

inline constexpr std::string_view k_docs_page = R"page(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>@TITLE@</title>
<style>
body{font:15px/1.5 system-ui,sans-serif;margin:0;color:#1c2733;background:#f6f7f9}
header{background:#12324a;color:#fff;padding:18px 24px}header h1{margin:0;font-size:22px}
main{max-width:960px;margin:18px auto;padding:0 16px}
details{background:#fff;border:1px solid #d8dee6;border-radius:6px;margin:6px 0}
summary{cursor:pointer;padding:8px 12px;display:flex;gap:12px;align-items:center}
.verb{font:700 12px monospace;min-width:48px;text-align:center;border-radius:4px;padding:3px 6px;color:#fff;background:#2f6f9f}
.verb.post{background:#3a8556}code{font-family:monospace}.what{color:#5a6b7b;margin-left:auto}
.body{padding:8px 14px 14px}textarea,input{width:100%;box-sizing:border-box;font:13px monospace;padding:6px;border:1px solid #c5ced8;border-radius:4px}
textarea{min-height:110px}button{margin:8px 0;padding:6px 16px;border:0;border-radius:4px;background:#12324a;color:#fff;cursor:pointer}
pre{background:#10202d;color:#d7e6f2;padding:10px;border-radius:4px;overflow:auto;max-height:340px;white-space:pre-wrap}
label{display:block;margin:6px 0 2px;font-size:13px;color:#5a6b7b}
</style></head><body>
<header><h1 id="title">@TITLE@</h1><div id="about"></div></header>
<main><label for="key">Key (sent as Authorization: Bearer)</label><input id="key" type="password" autocomplete="off" placeholder="sk-...">
<div id="routes">Loading openapi.json ...</div></main>
<script>
const root="@ROOT@";const el=(t,c,x)=>{const e=document.createElement(t);if(c)e.className=c;if(x!==undefined)e.textContent=x;return e};
function card(path,verb,op){const d=el("details"),s=el("summary");s.append(el("span","verb "+verb,verb.toUpperCase()),el("code","",path),el("span","what",op.summary||""));d.append(s);
const b=el("div","body");d.append(b);const json=op.requestBody&&op.requestBody.content["application/json"];
const url=el("input");url.value=root+path;b.append(el("label","","URL"),url);let text=null;
if(json){text=el("textarea");text.value=JSON.stringify(json.example||{},null,2);b.append(el("label","","Body"),text)}
if(op.requestBody&&!json){b.append(el("p","","Takes multipart/form-data; use curl -F or an SDK."));return d}
const go=el("button","","Send"),out=el("pre","","");out.hidden=true;b.append(go,out);
go.onclick=async()=>{out.hidden=false;out.textContent="...";try{const h={};const k=document.getElementById("key").value;if(k)h["Authorization"]="Bearer "+k;if(text)h["Content-Type"]="application/json";
const r=await fetch(url.value,{method:verb.toUpperCase(),headers:h,body:text?text.value:undefined});const t=await r.text();let s=t;try{s=JSON.stringify(JSON.parse(t),null,2)}catch(e){}out.textContent=r.status+"\n\n"+s}catch(e){out.textContent=String(e)}};
return d}
fetch(root+"/openapi.json").then(r=>r.json()).then(doc=>{document.getElementById("about").textContent=(doc.info.description||"")+" version "+doc.info.version;
const list=document.getElementById("routes");list.textContent="";for(const [p,o] of Object.entries(doc.paths))for(const [v,op] of Object.entries(o))list.append(card(p,v,op))})
.catch(e=>{document.getElementById("routes").textContent="openapi.json could not be read: "+e});
</script></body></html>)page";

} // namespace switchyard::http::routes
