//! Inputs, and what is known about each of them: whether it may be authorized.

use latchkey_interface::testutils::{flagged_part, flags, part, Ceremony, Random};

use super::wallets::{
    compact_proof, explicit_proof, proof, Calls, ACCOUNT, ED25519, EXPIRED, IDS, PASSKEY, PAYLOAD,
    POST_QUANTUM, SESSION_ED25519, SESSION_PASSKEY,
};

pub struct Input {
    pub blob: Vec<u8>,
    pub calls: Calls,
    /// How many admins a change takes of the wallet that gets the input: 1 or 2.
    pub admin_threshold: u32,
    pub is_authorized: bool,
}

pub fn random_input(random: &mut Random) -> Input {
    let admin_threshold = 1 + random.below(2);
    let calls = random_calls(random);
    let (blob, genuine) = match random.below(4) {
        0 => (raw(random), None),
        1 => (structured(random), None),
        2 => mutated(random),
        _ => ceremony(random),
    };
    let is_authorized = genuine.is_some_and(|ids| are_enough(&ids, calls, admin_threshold));
    Input {
        blob,
        calls,
        admin_threshold,
        is_authorized,
    }
}

fn random_calls(random: &mut Random) -> Calls {
    match random.below(10) {
        0 => Calls::None,
        1 => Calls::Elsewhere,
        2 => Calls::Change,
        3 => Calls::ChangeAndShop,
        4 => Calls::RemoveSession(random.below(IDS)),
        5 => Calls::CreateContract,
        6 => Calls::TooLong,
        _ => Calls::Shop,
    }
}

/// Whether these signers are exactly those that the calls take.
fn are_enough(ids: &[u32], calls: Calls, admin_threshold: u32) -> bool {
    let is_admin = |id: &&u32| **id <= ACCOUNT;
    let admins = ids.iter().filter(is_admin).count();
    let sessions = ids.len() - admins;
    let own = matches!(
        calls,
        Calls::Change | Calls::ChangeAndShop | Calls::RemoveSession(_)
    );
    // Nobody looks at the calls of a signer who may do anything.
    let is_looked_at = admin_threshold > 1 || sessions > 0;
    if calls == Calls::TooLong && is_looked_at {
        return false;
    }
    // One of the calls elsewhere is of the wallet itself.
    let own = own || calls == Calls::Elsewhere;
    match (admins, sessions) {
        (_, 0) => admins == if own { admin_threshold as usize } else { 1 },
        (0, 1) => match calls {
            Calls::None | Calls::Shop => true,
            Calls::RemoveSession(id) => ids == [id],
            _ => false,
        },
        _ => false,
    }
}

fn raw(random: &mut Random) -> Vec<u8> {
    let length = match random.below(4) {
        0 => random.below(8),
        1 => 72,
        2 => 67 + random.below(20),
        _ => random.below(1_200),
    };
    let mut blob = random.bytes(length as usize);
    // An id that there is, now and then, so that more than its lookup is reached.
    if random.once_in(2) {
        for (byte, of_id) in blob.iter_mut().zip([0, 0, random.below(IDS) as u8]) {
            *byte = of_id;
        }
    }
    if random.once_in(3) {
        if let Some(first) = blob.first_mut() {
            *first |= 0x80;
        }
    }
    blob
}

/// Parts of the right lengths, none of them genuine but an account's.
fn structured(random: &mut Random) -> Vec<u8> {
    let count = 1 + random.below(9);
    let mut ids: Vec<u32> = (0..count).map(|_| random.below(IDS + 2)).collect();
    if !random.once_in(3) {
        ids.sort();
        ids.dedup();
    }
    let mut blob = Vec::new();
    for id in ids {
        let length = match id {
            PASSKEY | SESSION_PASSKEY => 69,
            POST_QUANTUM => 1312 + 2420,
            ACCOUNT => 0,
            _ => 64,
        };
        let mut proof = if random.once_in(2) {
            proof(id, &[1; 32])
        } else {
            random.bytes(length)
        };
        if matches!(id, PASSKEY | SESSION_PASSKEY) {
            proof[64] |= random.u8() | 5;
        }
        if !random.once_in(3) {
            blob.extend(part(id, &proof));
            continue;
        }
        if matches!(id, PASSKEY | SESSION_PASSKEY) {
            let (extensions, tail) = (random.below(40), random.below(1_000));
            proof.extend((extensions as u16).to_be_bytes());
            proof.extend((tail as u16).to_be_bytes());
            let sent = (extensions + tail).saturating_sub(random.below(2));
            proof.extend(random.bytes(sent as usize));
        }
        blob.extend(flagged_part(id, &proof));
    }
    // Without any proof it would be genuine, if only the account authorized.
    blob
}

const WITH_PROOF: [u32; 5] = [
    PASSKEY,
    ED25519,
    POST_QUANTUM,
    SESSION_PASSKEY,
    SESSION_ED25519,
];

/// Genuine parts, most of the time changed afterwards. Names the signers if they still are genuine.
fn mutated(random: &mut Random) -> (Vec<u8>, Option<Vec<u32>>) {
    let mut ids = random.some_of(&WITH_PROOF);
    while ids.len() > 2 || (ids.len() == 2 && random.once_in(3)) {
        ids.remove(random.below(ids.len() as u32) as usize);
    }
    let mut parts: Vec<Vec<u8>> = ids
        .iter()
        .map(|id| part(*id, &proof(*id, &PAYLOAD)))
        .collect();
    let mut is_genuine = !ids.is_empty();
    match random.below(8) {
        0 => {}
        1 => {
            parts.reverse();
            is_genuine &= parts.len() < 2;
        }
        2 => {
            let again = parts.last().cloned().unwrap_or_default();
            parts.push(again);
            is_genuine = false;
        }
        3 => {
            parts.push(random.bytes(1));
            is_genuine = false;
        }
        4 => {
            parts.push(part(EXPIRED, &proof(EXPIRED, &PAYLOAD)));
            is_genuine = false;
        }
        _ => {
            let mut blob = parts.concat();
            change(random, &mut blob);
            // Cut between two parts, the first of them is left, and genuine.
            let is_genuine = is_genuine && parts.first() == Some(&blob);
            let first = ids.into_iter().take(1).collect();
            return (blob, is_genuine.then_some(first));
        }
    }
    (parts.concat(), is_genuine.then_some(ids))
}

/// Makes it another one.
fn change(random: &mut Random, blob: &mut Vec<u8>) {
    let length = blob.len() as u32;
    if length == 0 {
        blob.push(random.u8());
        return;
    }
    match random.below(3) {
        0 => blob.truncate(random.below(length) as usize),
        1 => {
            let at = random.below(length + 1) as usize;
            blob.insert(at, random.u8());
        }
        _ => {
            let at = random.below(length) as usize;
            blob[at] ^= 1 << random.below(8);
        }
    }
}

/// A passkey's proof from a ceremony with anything in it.
fn ceremony(random: &mut Random) -> (Vec<u8>, Option<Vec<u32>>) {
    let id = *random.pick(&[PASSKEY, SESSION_PASSKEY]);
    let mut ceremony = Ceremony {
        sign_count: random.u32(),
        ..Ceremony::default()
    };
    let mut is_genuine = true;
    if random.once_in(3) {
        ceremony.flags = random.u8();
        is_genuine &= ceremony.flags & 5 == 5;
    }
    if random.once_in(6) {
        ceremony.rp_id = "evil.example.com";
        is_genuine = false;
    }
    if random.once_in(6) {
        let mut origin = ceremony.origin.into_bytes();
        let at = random.below(origin.len() as u32) as usize;
        origin[at] = b'a' + random.below(26) as u8;
        ceremony.origin = String::from_utf8(origin).unwrap();
        is_genuine &= ceremony.origin == Ceremony::default().origin;
    }
    if random.once_in(6) {
        ceremony.ceremony_type = "webauthn.create";
        is_genuine = false;
    }
    if random.once_in(6) {
        ceremony.high_s = true;
        is_genuine = false;
    }
    if random.once_in(4) {
        let proof = compact_proof(id, &PAYLOAD, &ceremony);
        return (part(id, &proof), is_genuine.then_some(vec![id]));
    }
    if random.once_in(2) {
        ceremony.flags |= flags::EXTENSION_DATA;
        let length = random.below(60);
        ceremony.extensions = random.bytes(length as usize);
    }
    ceremony.tail = random_tail(random);
    let sent = ceremony.extensions.len() + ceremony.tail.len();
    is_genuine &= sent <= 951 && ceremony.tail.starts_with([',', '}']);
    let proof = explicit_proof(id, &PAYLOAD, &ceremony);
    (flagged_part(id, &proof), is_genuine.then_some(vec![id]))
}

/// Never empty: that would stand for the default tail, which nobody signed then.
fn random_tail(random: &mut Random) -> String {
    let pieces = [
        ",",
        "}",
        "\"",
        "{",
        ":",
        "\\",
        "\u{e9}",
        "\u{2028}",
        "\\u0022",
        "crossOrigin",
        "false",
        "true",
        "\"origin\":\"https://evil.example.com\"",
        "\"type\":\"webauthn.get\"",
        " ",
        "\n",
        "null",
        "[",
        "]",
    ];
    let mut tail = String::new();
    if !random.once_in(5) {
        tail.push(*random.pick(&[',', '}']));
    }
    let count = random.below(12);
    (0..count).for_each(|_| tail += *random.pick(&pieces));
    if random.once_in(10) {
        tail.push_str(&"x".repeat(random.below(1_100) as usize));
    }
    if tail.is_empty() {
        tail.push('}');
    }
    tail
}
