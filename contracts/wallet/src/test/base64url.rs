extern crate std;

use core::mem::MaybeUninit;

use latchkey_webauthn::{encode_base64url, ENCODED_SHA256_BYTES};

fn encode(hash: &[u8; 32]) -> [u8; ENCODED_SHA256_BYTES] {
    let mut memory = [MaybeUninit::new(0); ENCODED_SHA256_BYTES];
    encode_base64url(hash, &mut memory);
    // SAFETY: initialized above.
    memory.map(|byte| unsafe { byte.assume_init() })
}

#[test]
fn encodes_as_rfc_4648_section_5_without_padding() {
    assert_eq!(
        &encode(&[0; 32]),
        b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    );
    assert_eq!(
        &encode(&[0xff; 32]),
        b"__________________________________________8"
    );
    assert_eq!(
        &encode(&[0xfb; 32]),
        b"-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s"
    );
}

#[test]
fn agrees_with_a_reference_for_every_byte_at_every_position() {
    use base64ct::{Base64UrlUnpadded, Encoding};
    for position in 0..32 {
        for byte in 0..=255 {
            let mut hash: [u8; 32] = core::array::from_fn(|i| (i as u8).wrapping_mul(37));
            hash[position] = byte;
            assert_eq!(
                encode(&hash),
                Base64UrlUnpadded::encode_string(&hash).as_bytes()
            );
        }
    }
}
