//! A scanner that is a keyboard: heard on any page by how fast it types. Keys pressed outside of fields are held for as long as a scanner would need for
//! the next one; what was no scan goes on to [`super::keys`], or into the field that a key opened. Camera and sounds where the browser has them; sounds can be switched off.

use leptos::nonce::use_nonce;
use leptos::prelude::*;

use crate::say::Say;

/// Hears scanners; without a script nothing of it shows.
#[component]
pub(super) fn Scanner() -> impl IntoView {
    let m = expect_context::<Say>().m;
    let nonce = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
    view! { <script nonce=nonce id="scanner" data-leave=m.scan_leave()>{SCRIPT}</script> }
}

/// `GAP`: milliseconds between two keys of a scanner, at the most. In a field, where people type, it has to be clearer: `CLEAR` milliseconds, and
/// `LONG` letters; where a code is meant to be (`data-takes`), it stays in the field.
const SCRIPT: &str = r#"(function(){
var GAP=50,CLEAR=30,SHORT=4,LONG=8,held=[],last=-1e6,timer,fast=0,read='',was=null,words=document.getElementById('scanner').dataset;
function field(t){return t&&t.closest&&t.closest('input:not([type=checkbox]):not([type=radio]):not([type=submit]):not([type=button]):not([type=file]),textarea,select')}
function changed(){return Array.from(document.querySelectorAll('textarea,input:not([type=hidden]):not([type=search]):not([data-scan])')).some(function(f){if(!f.checkVisibility||!f.checkVisibility())return false;
return f.type=='checkbox'||f.type=='radio'?f.checked!=f.defaultChecked:f.type=='file'?f.files.length>0:f.value!=f.defaultValue})}
function open(code){if(changed()&&!confirm(words.leave))return;var f=document.querySelector('form.scan');
if(f){f.querySelector('[data-scan]').value=code;f.submit()}else location.href='/staff/scan?code='+encodeURIComponent(code)}
function again(k,on){var r=new KeyboardEvent('keydown',{key:k.key,code:k.code,shiftKey:k.shiftKey,ctrlKey:k.ctrlKey,metaKey:k.metaKey,bubbles:true,cancelable:true});r.again=true;on.dispatchEvent(r)}
function flush(){var keys=held;held=[];clearTimeout(timer);keys.forEach(function(k){var on=document.activeElement||document.body;
if(field(on)&&on.tagName!='SELECT')document.execCommand('insertText',false,k.key);else again(k,on)});return keys.length>0}
addEventListener('keydown',function(e){
if(e.again||e.isComposing)return;
var f=field(e.target),gap=e.timeStamp-last,one=e.key.length==1,mod=e.ctrlKey||e.metaKey||e.altKey,on;
if(!mod&&one&&!f&&!e.repeat){if(held.length&&gap>GAP&&flush()&&field(document.activeElement)){e.preventDefault();e.stopImmediatePropagation();document.execCommand('insertText',false,e.key);return}
if(e.key==' '&&!held.length)return;
held.push(e);last=e.timeStamp;e.preventDefault();e.stopImmediatePropagation();clearTimeout(timer);timer=setTimeout(flush,GAP+20);return}
if(f&&!mod){flush();typing(e,f,gap,one);return}
if(/^(Shift|CapsLock|Control|Alt|Meta)$/.test(e.key))return;
if(!mod&&e.key=='Enter'&&held.length>=SHORT){var code=held.map(function(k){return k.key}).join('');held=[];clearTimeout(timer);e.preventDefault();e.stopImmediatePropagation();open(code);return}
if(flush()&&(on=document.activeElement)!=e.target&&on){e.preventDefault();e.stopImmediatePropagation();if(mod)again(e,on);else if(e.key=='Enter'&&!field(on))on.click();else again(e,on)}},true);
function typing(e,f,gap,one){
if(f.tagName=='SELECT')return;
if(one){if(fast&&gap<=CLEAR){fast++;read+=e.key}else{fast=1;read=e.key;was=[f,f.value]}last=e.timeStamp;return}
if(e.key=='Enter'&&fast>=LONG&&gap<=2*CLEAR&&was[0]==f&&!f.hasAttribute('data-scan')){e.preventDefault();e.stopImmediatePropagation();
if(!f.hasAttribute('data-takes')){f.value=was[1];open(read)}}
if(e.key!='Shift'&&e.key!='CapsLock')fast=0}
function kept(){try{return localStorage.getItem('sounds')!='off'}catch(e){return true}}
function tone(stop){if(!kept()||!window.AudioContext)return;try{var c=new AudioContext(),t=c.currentTime;
(stop?[220,165]:[880,1320]).forEach(function(hz,i){var o=c.createOscillator(),g=c.createGain(),a=t+i*.13;o.type=stop?'square':'sine';o.frequency.value=hz;g.gain.setValueAtTime(stop?.12:.2,a);g.gain.exponentialRampToValueAtTime(.001,a+.12);o.connect(g);g.connect(c.destination);o.start(a);o.stop(a+.13)});
setTimeout(function(){c.close()},1000)}catch(e){}}
addEventListener('signal',function(e){tone(e.detail=='stop')});
document.querySelectorAll('[data-sound]').forEach(function(b){b.hidden=false;b.setAttribute('aria-pressed',kept());b.addEventListener('click',function(){var on=!kept();try{localStorage.setItem('sounds',on?'on':'off')}catch(e){}b.setAttribute('aria-pressed',on);tone(false)})});
var sign=location.hash.length>1&&document.querySelector('.led'+location.hash)||document.querySelector('.sign:not(.led)');
if(sign)tone(sign.dataset.signal=='stop');
document.querySelectorAll('[data-camera]').forEach(function(b){if(!window.BarcodeDetector||!navigator.mediaDevices)return;b.hidden=false;
var says=b.closest('form').querySelector('[data-camera-says]'),label=b.innerHTML,stream=null,seen=null;
function end(){if(stream)stream.getTracks().forEach(function(t){t.stop()});stream=null;if(seen)seen.remove();seen=null;b.innerHTML=label}
b.addEventListener('click',function(){if(stream)return end();says.textContent='';
navigator.mediaDevices.getUserMedia({video:{facingMode:'environment'}}).then(function(s){stream=s;b.textContent=b.dataset.camera;seen=document.createElement('video');seen.muted=true;seen.setAttribute('playsinline','');seen.setAttribute('aria-hidden','true');seen.srcObject=s;b.closest('form').append(seen);
var look=new BarcodeDetector();function again(){if(!stream)return;look.detect(seen).then(function(c){if(c.length&&stream){var code=c[0].rawValue;end();open(code)}else setTimeout(again,150)},function(){setTimeout(again,500)})}
return seen.play().then(again)}).catch(function(){end();says.textContent=b.dataset.refused})})});
})();"#;
