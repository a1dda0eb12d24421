//! Keccak-f[1600] (FIPS 202, section 3), laid out for a machine that counts instructions: all lanes
//! in locals, two rounds a turn so that no lane has to be copied back, and six lanes complemented
//! inside, which spares all but five negations a round.

pub const LANES: usize = 25;

const ROUND_CONSTANTS: [u64; 24] = round_constants();

/// FIPS 202, algorithm 5: a linear feedback shift register gives the bits at 2^j - 1.
const fn round_constants() -> [u64; 24] {
    let mut constants = [0; 24];
    let mut register: u8 = 1;
    let mut round = 0;
    while round < 24 {
        let mut j = 0;
        while j < 7 {
            if register & 1 == 1 {
                constants[round] |= 1 << ((1 << j) - 1);
            }
            let overflow = register >> 7;
            register = (register << 1) ^ (overflow * 0x71);
            j += 1;
        }
        round += 1;
    }
    constants
}

/// theta, rho, pi, chi and iota from lanes `$a..` into lanes `$e..`; both lists are row by row. The
/// lanes 1, 2, 8, 12, 17 and 20 are complemented before and after, so chi has `|` for half of its
/// `&` and negates once a row.
macro_rules! round {
    ($constant:expr,
     $a0:ident $a1:ident $a2:ident $a3:ident $a4:ident $a5:ident $a6:ident $a7:ident $a8:ident
     $a9:ident $a10:ident $a11:ident $a12:ident $a13:ident $a14:ident $a15:ident $a16:ident
     $a17:ident $a18:ident $a19:ident $a20:ident $a21:ident $a22:ident $a23:ident $a24:ident,
     $e0:ident $e1:ident $e2:ident $e3:ident $e4:ident $e5:ident $e6:ident $e7:ident $e8:ident
     $e9:ident $e10:ident $e11:ident $e12:ident $e13:ident $e14:ident $e15:ident $e16:ident
     $e17:ident $e18:ident $e19:ident $e20:ident $e21:ident $e22:ident $e23:ident $e24:ident) => {
        let c0 = $a0 ^ $a5 ^ $a10 ^ $a15 ^ $a20;
        let c1 = $a1 ^ $a6 ^ $a11 ^ $a16 ^ $a21;
        let c2 = $a2 ^ $a7 ^ $a12 ^ $a17 ^ $a22;
        let c3 = $a3 ^ $a8 ^ $a13 ^ $a18 ^ $a23;
        let c4 = $a4 ^ $a9 ^ $a14 ^ $a19 ^ $a24;
        let d0 = c4 ^ c1.rotate_left(1);
        let d1 = c0 ^ c2.rotate_left(1);
        let d2 = c1 ^ c3.rotate_left(1);
        let d3 = c2 ^ c4.rotate_left(1);
        let d4 = c3 ^ c0.rotate_left(1);

        let b0 = $a0 ^ d0;
        let b1 = ($a6 ^ d1).rotate_left(44);
        let b2 = ($a12 ^ d2).rotate_left(43);
        let b3 = ($a18 ^ d3).rotate_left(21);
        let b4 = ($a24 ^ d4).rotate_left(14);
        $e0 = b0 ^ (b1 | b2) ^ $constant;
        $e1 = b1 ^ (!b2 | b3);
        $e2 = b2 ^ (b3 & b4);
        $e3 = b3 ^ (b4 | b0);
        $e4 = b4 ^ (b0 & b1);

        let b0 = ($a3 ^ d3).rotate_left(28);
        let b1 = ($a9 ^ d4).rotate_left(20);
        let b2 = ($a10 ^ d0).rotate_left(3);
        let b3 = ($a16 ^ d1).rotate_left(45);
        let b4 = ($a22 ^ d2).rotate_left(61);
        $e5 = b0 ^ (b1 | b2);
        $e6 = b1 ^ (b2 & b3);
        $e7 = b2 ^ (b3 | !b4);
        $e8 = b3 ^ (b4 | b0);
        $e9 = b4 ^ (b0 & b1);

        let b0 = ($a1 ^ d1).rotate_left(1);
        let b1 = ($a7 ^ d2).rotate_left(6);
        let b2 = ($a13 ^ d3).rotate_left(25);
        let b3 = ($a19 ^ d4).rotate_left(8);
        let b4 = ($a20 ^ d0).rotate_left(18);
        let not_b3 = !b3;
        $e10 = b0 ^ (b1 | b2);
        $e11 = b1 ^ (b2 & b3);
        $e12 = b2 ^ (not_b3 & b4);
        $e13 = not_b3 ^ (b4 | b0);
        $e14 = b4 ^ (b0 & b1);

        let b0 = ($a4 ^ d4).rotate_left(27);
        let b1 = ($a5 ^ d0).rotate_left(36);
        let b2 = ($a11 ^ d1).rotate_left(10);
        let b3 = ($a17 ^ d2).rotate_left(15);
        let b4 = ($a23 ^ d3).rotate_left(56);
        let not_b3 = !b3;
        $e15 = b0 ^ (b1 & b2);
        $e16 = b1 ^ (b2 | b3);
        $e17 = b2 ^ (not_b3 | b4);
        $e18 = not_b3 ^ (b4 & b0);
        $e19 = b4 ^ (b0 | b1);

        let b0 = ($a2 ^ d2).rotate_left(62);
        let b1 = ($a8 ^ d3).rotate_left(55);
        let b2 = ($a14 ^ d4).rotate_left(39);
        let b3 = ($a15 ^ d0).rotate_left(41);
        let b4 = ($a21 ^ d1).rotate_left(2);
        let not_b1 = !b1;
        $e20 = b0 ^ (not_b1 & b2);
        $e21 = not_b1 ^ (b2 | b3);
        $e22 = b2 ^ (b3 & b4);
        $e23 = b3 ^ (b4 | b0);
        $e24 = b4 ^ (b0 & b1);
    };
}

#[rustfmt::skip]
#[inline(never)]
pub fn permute(lanes: &mut [u64; LANES]) {
    let [mut a0, mut a1, mut a2, mut a3, mut a4, mut a5, mut a6, mut a7, mut a8, mut a9, mut a10,
         mut a11, mut a12, mut a13, mut a14, mut a15, mut a16, mut a17, mut a18, mut a19, mut a20,
         mut a21, mut a22, mut a23, mut a24] = *lanes;
    (a1, a2, a8, a12, a17, a20) = (!a1, !a2, !a8, !a12, !a17, !a20);
    let (mut e0, mut e1, mut e2, mut e3, mut e4, mut e5, mut e6, mut e7, mut e8, mut e9, mut e10,
         mut e11, mut e12, mut e13, mut e14, mut e15, mut e16, mut e17, mut e18, mut e19, mut e20,
         mut e21, mut e22, mut e23, mut e24);
    for constants in ROUND_CONSTANTS.chunks_exact(2) {
        round!(constants[0],
            a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 a10 a11 a12 a13 a14 a15 a16 a17 a18 a19 a20 a21 a22 a23 a24,
            e0 e1 e2 e3 e4 e5 e6 e7 e8 e9 e10 e11 e12 e13 e14 e15 e16 e17 e18 e19 e20 e21 e22 e23 e24);
        round!(constants[1],
            e0 e1 e2 e3 e4 e5 e6 e7 e8 e9 e10 e11 e12 e13 e14 e15 e16 e17 e18 e19 e20 e21 e22 e23 e24,
            a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 a10 a11 a12 a13 a14 a15 a16 a17 a18 a19 a20 a21 a22 a23 a24);
    }
    *lanes = [a0, !a1, !a2, a3, a4, a5, a6, a7, !a8, a9, a10, a11, !a12, a13, a14, a15, a16, !a17,
              a18, a19, !a20, a21, a22, a23, a24];
}
