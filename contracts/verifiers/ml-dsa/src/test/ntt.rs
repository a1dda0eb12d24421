//! Products by transform against products by definition, at the ends of the ranges too.

use crate::{
    ntt::{inverse_transform, reduce, transform, Polynomial},
    parameters::{N, Q},
};

/// `a * b` modulo `X^256 + 1` and `Q`.
fn product_by_definition(a: &Polynomial, b: &Polynomial) -> [i64; N] {
    let mut product = [0; N];
    for (i, a) in a.iter().enumerate() {
        for (j, b) in b.iter().enumerate() {
            let sign = if i + j < N { 1 } else { -1 };
            product[(i + j) % N] += sign * i64::from(*a) * i64::from(*b) % Q;
        }
    }
    product.map(|coefficient| coefficient.rem_euclid(Q))
}

fn product_by_transform(a: &Polynomial, b: &Polynomial) -> [i64; N] {
    let (mut a, mut b) = (*a, *b);
    transform(&mut a);
    transform(&mut b);
    let mut product = [0; N];
    for i in 0..N {
        product[i] = reduce(i64::from(a[i]) * i64::from(b[i]));
    }
    inverse_transform(&mut product);
    product.map(i64::from)
}

fn pseudorandom(seed: u32, limit: i32) -> Polynomial {
    let mut state = seed;
    core::array::from_fn(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as i32 % (2 * limit + 1) - limit
    })
}

#[test]
fn multiplies_as_the_definition_does() {
    for seed in 0..4 {
        let a = pseudorandom(seed, 1 << 20);
        let b = pseudorandom(seed + 100, 1 << 20);
        assert_eq!(product_by_transform(&a, &b), product_by_definition(&a, &b));
    }
}

#[test]
fn multiplies_at_the_ends_of_its_range() {
    let ends = [
        [1 << 20; N],
        [-(1 << 20); N],
        core::array::from_fn(|i| if i % 2 == 0 { 1 << 20 } else { -(1 << 20) }),
        core::array::from_fn(|i| if i % 3 == 0 { 1 << 20 } else { -(1 << 20) }),
    ];
    for a in &ends {
        for b in &ends {
            assert_eq!(product_by_transform(a, b), product_by_definition(a, b));
        }
    }
}

#[test]
fn stays_in_the_range_it_names() {
    for seed in 0..20 {
        let mut a = pseudorandom(seed, 1 << 20);
        transform(&mut a);
        assert!(a.iter().all(|x| x.abs() <= 1 << 27));
    }
    for x in [0, 1, -1, 1 << 55, -(1 << 55), (1 << 55) - 1] {
        let reduced = i64::from(reduce(x));
        assert!(reduced.abs() <= 3 << 22);
        assert_eq!((reduced % Q * ((1 << 32) % Q) - x % Q) % Q, 0);
    }
}

#[test]
fn inverts_the_largest_input_of_every_sign() {
    const LIMIT: i32 = 3 << 22;
    for pattern in 0..8 {
        let mut a: Polynomial =
            core::array::from_fn(|i| if i >> pattern & 1 == 0 { LIMIT } else { -LIMIT });
        inverse_transform(&mut a);
        assert!(a.iter().all(|x| (0..Q).contains(&i64::from(*x))));
    }
}
