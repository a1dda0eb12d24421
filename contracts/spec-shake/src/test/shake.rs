use soroban_spec::read;
use stellar_xdr::{ScSpecEntry, WriteXdr};

use crate::{section, shake, Limits, EXPORT_SECTION};

const WALLET_WASM: &[u8] = include_bytes!("../../../wasm/wallet.wasm");
/// Of soroban-sdk 30, whose specifications are shaken by other rules.
const HOST_VERIFIER_WASM: &[u8] = include_bytes!("../../../wasm/ml_dsa_host_verifier.wasm");

fn encoded_spec(wasm: &[u8]) -> Vec<Vec<u8>> {
    let entries = read::from_wasm(wasm).unwrap();
    let encode = |entry: &ScSpecEntry| entry.to_xdr(Limits::none()).unwrap();
    entries.iter().map(encode).collect()
}

/// `wasm` with one more section at its end.
fn with_section(wasm: &[u8], id: u8, body: &[u8]) -> Vec<u8> {
    let mut wasm = wasm.to_vec();
    section::write(&mut wasm, id, body);
    wasm
}

#[test]
fn what_is_shaken_stays_as_it_is() {
    assert_eq!(shake(WALLET_WASM).unwrap(), WALLET_WASM);
    assert_eq!(shake(HOST_VERIFIER_WASM).unwrap(), HOST_VERIFIER_WASM);
}

#[test]
fn drops_entries_that_have_no_marker_and_keeps_the_others() {
    let unused = ScSpecEntry::UdtStructV0(stellar_xdr::ScSpecUdtStructV0 {
        doc: Default::default(),
        lib: Default::default(),
        name: "Unused".try_into().unwrap(),
        fields: Default::default(),
    });
    // A module has one such section, so the entry joins the wallet's own.
    let (header, sections) = section::split(WALLET_WASM).unwrap();
    let mut wasm = header.to_vec();
    for s in &sections {
        if s.custom_name() == Some("contractspecv0") {
            let body = [s.body, &unused.to_xdr(Limits::none()).unwrap()].concat();
            section::write(&mut wasm, 0, &body);
        } else {
            wasm.extend_from_slice(s.encoded);
        }
    }
    assert_eq!(
        encoded_spec(&wasm).len(),
        encoded_spec(WALLET_WASM).len() + 1
    );
    assert_eq!(shake(&wasm).unwrap(), WALLET_WASM);
}

#[test]
fn drops_the_exports_of_globals_alone() {
    // Three exports: "f" function 0, "g" global 1, "m" memory 0.
    let exports = [3, 1, b'f', 0, 0, 1, b'g', 3, 1, 1, b'm', 2, 0];
    let kept = crate::without_global_exports(&exports).unwrap();
    assert_eq!(kept, [2, 1, b'f', 0, 0, 1, b'm', 2, 0]);
    assert!(crate::without_global_exports(&exports[..12]).is_err());
}

#[test]
fn the_wallet_exports_its_functions_and_memory_and_nothing_else() {
    let (_, sections) = section::split(WALLET_WASM).unwrap();
    let exports = sections.iter().find(|s| s.id == EXPORT_SECTION).unwrap();
    assert_eq!(
        crate::without_global_exports(exports.body).unwrap(),
        exports.body
    );
    let functions = read::from_wasm(WALLET_WASM).unwrap();
    let functions = functions
        .iter()
        .filter(|e| matches!(e, ScSpecEntry::FunctionV0(_)));
    assert_eq!(
        section::read_leb(exports.body, &mut 0).unwrap(),
        functions.count() + 1
    );
}

#[test]
fn refuses_what_is_no_contract() {
    assert!(shake(b"").is_err());
    assert!(shake(b"not a module").is_err());
    assert!(shake(&WALLET_WASM[..WALLET_WASM.len() - 1]).is_err());
    let empty = b"\0asm\x01\0\0\0";
    assert!(shake(empty)
        .unwrap_err()
        .to_string()
        .contains("nothing says how"));
    assert!(shake(&with_section(
        empty,
        0,
        &section::custom_body("contractmetav0")
    ))
    .is_err());
}

#[test]
fn numbers_survive_their_encoding() {
    for number in [0, 1, 127, 128, 300, 16_383, 16_384, 2_097_151, 0xffff_ffff] {
        let encoded = section::leb(number);
        let mut at = 0;
        assert_eq!(section::read_leb(&encoded, &mut at).unwrap(), number);
        assert_eq!(at, encoded.len());
    }
    assert!(section::read_leb(&[0x80], &mut 0).is_err());
    assert!(section::read_leb(&[0x80; 6], &mut 0).is_err());
}
