//! Everything by keyboard. What a page can do says its key itself (`data-key`), so that the list of keys is never another than what there is.

use leptos::nonce::use_nonce;
use leptos::prelude::*;

use crate::say::Say;

/// What a key is for, as an attribute of what it does; shown beside its words by [`Key`].
pub const APPROVE: &str = "a";
pub const DECLINE: &str = "d";
pub const ASK: &str = "q";
pub const CANCEL: &str = "x";
pub const NEXT: &str = "j";
pub const WRITE: &str = "m";
pub const NOTE: &str = "n";
pub const QUEUE: &str = "l";
pub const TAKE: &str = "t";
pub const FIND: &str = "/";
pub const SNOOZE: &str = "s";
pub const HAND: &str = "h";
pub const UNDO: &str = "z";
pub const EXTEND: &str = "u";
pub const RECEIVE: &str = "r";
pub const INSPECT: &str = "i";
pub const PUT: &str = "p";
pub const OFFER: &str = "o";
pub const PROMISE: &str = "g";
pub const PAY: &str = "y";
pub const RELEASE: &str = "v";
pub const HOLD: &str = "w";

/// A key beside the words of what it does. A reader of screens hears it from the element (`aria-keyshortcuts`).
#[component]
pub fn Key(key: &'static str) -> impl IntoView {
    view! { <kbd aria-hidden="true">{key.to_uppercase()}</kbd> }
}

/// The list of keys and commands, which opens by `?` and Ctrl-K, and the script that hears them. Without the script nothing of it shows.
#[component]
pub fn Keys() -> impl IntoView {
    let m = expect_context::<Say>().m;
    let nonce = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
    view! {
        <dialog id="keys" class="card" aria-labelledby="keys-title">
            <h2 class="h" id="keys-title">{m.staff_keys_title()}</h2>
            <p class="field"><label class="sr" for="keys-find">{m.staff_keys_find()}</label><input id="keys-find" type="search" autocomplete="off" placeholder=m.staff_keys_find() maxlength="100"/></p>
            <ul class="commands" data-move=m.staff_keys_move() data-send=m.staff_keys_send() data-close=m.staff_keys_close()></ul>
            <form method="dialog"><button class="btn second small" type="submit">{m.staff_keys_close()}</button></form>
        </dialog>
        <script nonce=nonce>{SCRIPT}</script>
    }
}

const SCRIPT: &str = r#"(function(){
var box=document.getElementById('keys'),find=document.getElementById('keys-find'),list=box.querySelector('ul');
function typing(t){return t.closest&&t.closest('input:not([type=checkbox]):not([type=radio]),textarea,select')}
function all(){return Array.from(document.querySelectorAll('[data-key]'))}
function words(b){var c=b.cloneNode(true);c.querySelectorAll('kbd').forEach(function(k){k.remove()});return (b.dataset.name||c.textContent).trim()}
function go(b){
if(b.tagName=='SUMMARY'){document.querySelectorAll('details.decide[open]').forEach(function(d){d.open=d==b.parentNode});b.parentNode.open=true;(b.parentNode.querySelector('textarea,input:not([type=hidden])')||b).focus()}
else if(/^(INPUT|TEXTAREA)$/.test(b.tagName))b.focus();else b.click()}
function row(name,key,run){var li=document.createElement('li'),b=document.createElement('button'),k=document.createElement('kbd');b.type='button';b.className='link';b.textContent=name;k.textContent=key;if(run)b.addEventListener('click',function(){box.close();run()});else b.disabled=true;li.append(b,k);list.append(li)}
function fill(){var q=find.value.trim().toLowerCase();list.textContent='';all().forEach(function(b){var n=words(b);if(n.toLowerCase().includes(q))row(n,b.dataset.key.toUpperCase(),function(){go(b)})});
if(!q){row(list.dataset.move,'J K',null);row(list.dataset.send,'Ctrl \u23ce',null);row(list.dataset.close,'Esc',null)}}
function open(){find.value='';fill();if(!box.open)box.showModal();find.focus()}
find.addEventListener('input',fill);
find.addEventListener('keydown',function(e){if(e.key=='Enter'){e.preventDefault();var b=list.querySelector('button:not([disabled])');if(b)b.click();else if(find.value.trim()){var s=document.querySelector('[data-key="/"]');if(s&&s.form){box.close();s.value=find.value;s.form.submit()}}}});
addEventListener('keydown',function(e){
var mod=e.ctrlKey||e.metaKey,t=e.target;
if(mod&&e.key.toLowerCase()=='k'){e.preventDefault();open();return}
if(mod&&e.key=='Enter'&&t.form){e.preventDefault();t.form.requestSubmit();return}
if(e.key=='Escape'&&box.open){e.preventDefault();box.close();find.blur();return}
if(e.key=='Escape'&&t.closest){var d=t.closest('details.decide[open]');if(d){d.open=false;d.querySelector('summary').focus()}return}
if(e.key=='/'&&t.tagName=='TEXTAREA'&&!t.value&&t.form){var r=t.form.querySelector('[data-slash]');if(r){e.preventDefault();r.focus();return}}
if(mod||e.altKey||box.open||typing(t))return;
if(e.key=='?'){e.preventDefault();open();return}
var rows=Array.from(document.querySelectorAll('a.task')),step=e.key=='j'?1:e.key=='k'?-1:0;
if(step&&rows.length){var i=rows.indexOf(document.activeElement);(rows[i<0?0:Math.max(0,Math.min(rows.length-1,i+step))]).focus();e.preventDefault();return}
var key=e.key.toLowerCase();if(key=='e')key='a';
var b=all().find(function(b){return b.dataset.key==key});
if(b){e.preventDefault();go(b)}
})})();"#;
