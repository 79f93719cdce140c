//! The document around every page.

use std::sync::Arc;

use domain::words::Locale;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::{MetaTags, provide_meta_context};

use crate::ports::ShopFront;
use crate::routes::Pages;
use crate::say::Say;

pub fn shell() -> impl IntoView {
    provide_meta_context();
    let locale = use_context::<Say>().map_or(Locale::En, |say| say.m.locale);
    let shop = use_context::<Arc<ShopFront>>();
    let nonce = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
    let ((hue, chroma), style) = shop.map_or(((168.0, 0.09), String::new()), |shop| (shop.brand, shop.style.clone()));
    view! {
        <!DOCTYPE html>
        <html lang=locale.tag()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="robots" content="noindex"/>
                <link rel="icon" href="/icon.svg" type="image/svg+xml"/>
                <link rel="stylesheet" href=style/>
                <style nonce=nonce.clone()>{format!(":root{{--brand-h:{hue:.1};--brand-c:{chroma:.3}}}")}</style>
                <script nonce=nonce>{format!("{TIME_ZONE}{SENT}{COPY}{BELL}")}</script>
                <MetaTags/>
            </head>
            <body><Pages/></body>
        </html>
    }
}

/// Tells the server the reader's time zone, so that the next page shows times in it.
const TIME_ZONE: &str = "try{var s=location.protocol=='https:';document.cookie=(s?'__Host-':'')+'tz='+Intl.DateTimeFormat().resolvedOptions().timeZone+';path=/;max-age=31536000;samesite=lax'+(s?';secure':'')}catch(e){}";

/// A form is sent once: pressed again while the answer is under way, nothing more happens, and after a quarter of a second the page says that it
/// works on it. Who comes back, or waits for very long, can send it again; the server takes it once anyway.
const SENT: &str = "addEventListener('submit',function(e){var f=e.target,b=e.submitter||f,w=document.getElementById('wait');if(e.defaultPrevented||e.submitter&&e.submitter.formTarget)return;if(f.sent){e.preventDefault();return}f.sent=1;function end(){f.sent=0;b.removeAttribute('aria-busy');w&&(w.textContent='')}setTimeout(function(){if(f.sent){b.setAttribute('aria-busy','true');w&&(w.textContent=w.dataset.text)}},250);setTimeout(end,20000);addEventListener('pageshow',end)});";

/// Lets the buttons of [`crate::ui::Copy`] show and work, those that come with news of a page too. Browsers give the clipboard to pages by https.
const COPY: &str = "if(navigator.clipboard){document.documentElement.classList.add('can-copy');document.addEventListener('click',function(e){var b=e.target.closest('[data-copy]');if(b&&!b.dataset.said)navigator.clipboard.writeText(b.dataset.copy).then(function(){var h=b.innerHTML;b.dataset.said=1;b.textContent=b.dataset.copied;setTimeout(function(){b.innerHTML=h;delete b.dataset.said},3000)},function(){})})}";

/// Keeps the number at the bell right while the page is looked at: browsers have few connections to one server, and pages behind others need none.
const BELL: &str = "addEventListener('DOMContentLoaded',function(){var b=document.getElementById('bell'),s;if(!b||!window.EventSource)return;function look(){s&&s.close();s=0;if(document.hidden)return;s=new EventSource('/account/inbox/live?unread='+b.dataset.unread);s.onmessage=function(e){b.innerHTML=e.data;b.dataset.unread=e.lastEventId}}document.addEventListener('visibilitychange',look);addEventListener('pagehide',function(){s&&s.close()});look()});";
