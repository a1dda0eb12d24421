use crate::wasm_patch::with_pass;

const PASS: u64 = 0x1234_5678_9abc_de0e;
const VOID: u64 = 2;

/// One type, one function `name` that traps.
fn module(name: &[u8]) -> Vec<u8> {
    let mut wasm = b"\0asm\x01\0\0\0".to_vec();
    wasm.extend([1, 8, 1, 0x60, 3, 0x7e, 0x7e, 0x7e, 1, 0x7e]);
    wasm.extend([3, 2, 1, 0]);
    let export_bytes = 1 + 1 + name.len() + 2;
    wasm.extend([7, export_bytes as u8, 1, name.len() as u8]);
    wasm.extend_from_slice(name);
    wasm.extend([0, 0]);
    wasm.extend([10, 5, 1, 3, 0, 0, 0x0b]);
    wasm
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|it| it == needle)
}

#[test]
fn exports_the_new_function_in_place_of_the_old() {
    let patched = with_pass(&module(b"__check_auth"), PASS, VOID).unwrap();
    assert!(contains(&patched, b"\x0c__check_auth\x00\x01"));
    assert!(!contains(&patched, b"\x0c__check_auth\x00\x00"));
}

#[test]
fn calls_the_old_function_for_everything_but_the_pass() {
    let patched = with_pass(&module(b"__check_auth"), PASS, VOID).unwrap();
    let call_of_the_old = [0x20, 0, 0x20, 1, 0x20, 2, 0x10, 0, 0x0b, 0x0b];
    assert!(patched.ends_with(&call_of_the_old));
}

#[test]
fn keeps_other_exports_and_traps_where_there_is_no_old_function() {
    let patched = with_pass(&module(b"transfer"), PASS, VOID).unwrap();
    assert!(contains(&patched, b"\x08transfer\x00\x00"));
    assert!(contains(&patched, b"\x0c__check_auth\x00\x01"));
    assert!(patched.ends_with(&[0x00, 0x0b, 0x0b]));
}

#[test]
fn gives_nothing_for_what_is_no_contract() {
    let whole = module(b"__check_auth");
    for length in 0..whole.len() {
        assert_eq!(with_pass(&whole[..length], PASS, VOID), None);
    }
    let mut huge_count = whole.clone();
    huge_count[10] = 0x7f;
    assert_eq!(with_pass(&huge_count, PASS, VOID), None);
}
