//! Signing out of a browser that keeps what the dock needs without network: it asks first where something of theirs was not sent, and clears all that was
//! kept. What a colleague said stays until they are in again.

use leptos::nonce::use_nonce;
use leptos::prelude::*;

/// Hears "Sign out".
#[component]
pub(super) fn Leaving() -> impl IntoView {
    let nonce = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
    view! { <script nonce=nonce>{SCRIPT}</script> }
}

/// The names are those of `public/staff/worker.js`.
const SCRIPT: &str = r#"(function(){
var out=document.querySelector('form[action="/staff/sign-out"]');
if(!out||!window.indexedDB||!navigator.serviceWorker)return;
addEventListener('submit',function(e){
if(e.target!=out||!navigator.serviceWorker.controller)return;
e.preventDefault();
var ask=indexedDB.open('dock',1),made=false;
function go(){caches.delete('dock').then(function(){out.submit()},function(){out.submit()})}
ask.onupgradeneeded=function(){made=true;ask.transaction.abort()};
ask.onerror=go;
ask.onsuccess=function(){var db=ask.result,t=db.transaction(['said','known'],'readwrite',{durability:'strict'}),all=t.objectStore('said').getAll(),gone=false;
all.onsuccess=function(){var mine=all.result.filter(function(s){return s.clerk==out.dataset.clerk});
if(mine.length&&!confirm(out.dataset.lost.replace('{n}',mine.length))){gone=true;return}
mine.forEach(function(s){t.objectStore('said').delete(s.n)});t.objectStore('known').clear()};
t.oncomplete=function(){db.close();if(!gone)go()};t.onabort=function(){db.close()}};
},true)})();"#;
