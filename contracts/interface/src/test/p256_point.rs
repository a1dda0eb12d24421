extern crate std;

use p256::elliptic_curve::sec1::FromEncodedPoint;
use p256::{
    elliptic_curve::sec1::ToEncodedPoint, AffinePoint, EncodedPoint, ProjectivePoint, Scalar,
};

use crate::p256_point::is_on_curve;

/// A sequence of scalars that looks random and is the same in every run (SplitMix64).
fn scalars() -> impl Iterator<Item = Scalar> {
    let mut state = 7u64;
    std::iter::repeat_with(move || {
        (0..4).fold(Scalar::ZERO, |scalar, _| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            scalar * Scalar::from(1u64 << 32) * Scalar::from(1u64 << 32) + Scalar::from(z ^ z >> 31)
        })
    })
}

fn encode(scalar: Scalar) -> [u8; 65] {
    let point = (ProjectivePoint::GENERATOR * scalar).to_affine();
    point.to_encoded_point(false).as_bytes().try_into().unwrap()
}

fn by_reference(encoded: &[u8; 65]) -> bool {
    EncodedPoint::from_bytes(encoded)
        .is_ok_and(|point| bool::from(AffinePoint::from_encoded_point(&point).is_some()))
}

#[test]
fn accepts_points_of_the_curve() {
    for scalar in scalars().take(300) {
        assert!(is_on_curve(&encode(scalar)));
        assert!(is_on_curve(&encode(-scalar)));
    }
}

#[test]
fn refuses_a_point_with_any_one_bit_changed() {
    for scalar in scalars().take(4) {
        let point = encode(scalar);
        for bit in 0..65 * 8 {
            let mut changed = point;
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(!is_on_curve(&changed), "bit {bit}");
        }
    }
}

#[test]
fn agrees_with_a_reference_on_coordinates_at_the_edges() {
    // p - 1, p, p + 1 and 2^256 - 1, and small numbers: the borders of reduction and range check.
    let p: [u8; 32] = {
        let mut p = [0xff; 32];
        p[4..8].copy_from_slice(&[0, 0, 0, 1]);
        p[8..20].fill(0);
        p
    };
    let mut below = p;
    below[31] -= 1;
    let mut above = p;
    above[28..].copy_from_slice(&[0, 0, 0, 0]);
    above[20..28].fill(0);
    above[19] = 1;
    let mut coordinates = std::vec![below, p, above, [0xff; 32]];
    coordinates.extend((0..=16).map(|small| {
        let mut number = [0; 32];
        number[31] = small;
        number
    }));
    let mut generator = [[0; 32]; 2];
    let encoded = encode(Scalar::ONE);
    generator[0].copy_from_slice(&encoded[1..33]);
    generator[1].copy_from_slice(&encoded[33..]);
    coordinates.extend(generator);
    let mut accepted = 0;
    for x in &coordinates {
        for y in &coordinates {
            let mut encoded = [4; 65];
            encoded[1..33].copy_from_slice(x);
            encoded[33..].copy_from_slice(y);
            assert_eq!(is_on_curve(&encoded), by_reference(&encoded), "{x:?} {y:?}");
            accepted += usize::from(is_on_curve(&encoded));
        }
    }
    assert!(accepted > 0);
}

#[test]
fn accepts_the_points_with_x_0_whose_y_is_the_root_of_b() {
    // The only points whose equation has no term but b.
    let mut compressed = [0; 33];
    compressed[0] = 2;
    let point = EncodedPoint::from_bytes(compressed).unwrap();
    let point = AffinePoint::from_encoded_point(&point).unwrap();
    let encoded: [u8; 65] = point.to_encoded_point(false).as_bytes().try_into().unwrap();
    assert_eq!(encoded[1..33], [0; 32]);
    assert!(is_on_curve(&encoded));
}

#[test]
fn refuses_other_encodings() {
    let mut point = encode(Scalar::ONE);
    for tag in (0..=255).filter(|tag| *tag != 4) {
        point[0] = tag;
        assert!(!is_on_curve(&point), "tag {tag}");
    }
    assert!(!is_on_curve(&[0; 65]));
    let mut zero = [0; 65];
    zero[0] = 4;
    assert!(!is_on_curve(&zero));
}
