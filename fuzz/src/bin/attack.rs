//! One target, named by `HOMEBOUND_TARGET`, under libFuzzer. Started by `tools/fuzz`.

#![no_main]

use std::panic;
use std::sync::LazyLock;

use fuzz::Target;
use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<&'static Target> = LazyLock::new(|| {
    // The fuzzer ends at every panic; but some are caught, as of decoders that meet a broken file, and nothing is wrong then.
    let _ = panic::take_hook();
    let name = std::env::var("HOMEBOUND_TARGET").expect("HOMEBOUND_TARGET names a target");
    fuzz::target(&name).expect("there is no such target")
});

fuzz_target!(|data: &[u8]| (TARGET.attack)(data));
