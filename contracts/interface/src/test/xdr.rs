//! Reader and Writer against the XDR of the SDK, for random values and for random bytes.

extern crate std;

use core::mem::MaybeUninit;
use std::{string::String, vec, vec::Vec};

use soroban_sdk::xdr::{
    AccountId, ClaimableBalanceId, ContractId, Duration, Hash, Int128Parts, Int256Parts, Limits,
    MuxedEd25519Account, PoolId, PublicKey, ScAddress, ScBytes, ScError, ScErrorCode, ScMap,
    ScMapEntry, ScString, ScSymbol, ScVal, ScVec, TimePoint, UInt128Parts, UInt256Parts, Uint256,
    WriteXdr,
};

use crate::{
    testutils::Random,
    xdr::{Reader, Writer},
    WalletError,
};

fn encode(value: &impl WriteXdr) -> Vec<u8> {
    value.to_xdr(Limits::none()).unwrap()
}

fn random_address(random: &mut Random) -> ScAddress {
    let hash = Hash(random.array());
    match random.below(5) {
        0 => ScAddress::Account(AccountId(PublicKey::PublicKeyTypeEd25519(Uint256(hash.0)))),
        1 => ScAddress::Contract(ContractId(hash)),
        2 => ScAddress::MuxedAccount(MuxedEd25519Account {
            id: random.u64(),
            ed25519: Uint256(hash.0),
        }),
        3 => ScAddress::ClaimableBalance(ClaimableBalanceId::ClaimableBalanceIdTypeV0(hash)),
        _ => ScAddress::LiquidityPool(PoolId(hash)),
    }
}

fn random_text(random: &mut Random, most: u32) -> String {
    let length = random.below(most + 1);
    let letter = |_| char::from(b'a' + random.below(26) as u8);
    (0..length).map(letter).collect()
}

fn random_value(random: &mut Random, depth: u32) -> ScVal {
    let kinds = if depth == 0 { 17 } else { 19 };
    match random.below(kinds) {
        0 => ScVal::Bool(random.once_in(2)),
        1 => ScVal::Void,
        2 => ScVal::Error(ScError::Contract(random.u32())),
        3 => ScVal::Error(ScError::Auth(ScErrorCode::InvalidInput)),
        4 => ScVal::U32(random.u32()),
        5 => ScVal::I32(random.u32() as i32),
        6 => ScVal::U64(random.u64()),
        7 => ScVal::I64(random.u64() as i64),
        8 => ScVal::Timepoint(TimePoint(random.u64())),
        9 => ScVal::Duration(Duration(random.u64())),
        10 => ScVal::U128(UInt128Parts {
            hi: random.u64(),
            lo: random.u64(),
        }),
        11 => ScVal::I128(Int128Parts {
            hi: random.u64() as i64,
            lo: random.u64(),
        }),
        12 => ScVal::U256(UInt256Parts {
            hi_hi: random.u64(),
            hi_lo: random.u64(),
            lo_hi: random.u64(),
            lo_lo: random.u64(),
        }),
        13 => ScVal::I256(Int256Parts {
            hi_hi: random.u64() as i64,
            hi_lo: random.u64(),
            lo_hi: random.u64(),
            lo_lo: random.u64(),
        }),
        14 => {
            let length = random.below(40) as usize;
            ScVal::Bytes(ScBytes(random.bytes(length).try_into().unwrap()))
        }
        15 => match random.below(2) {
            0 => ScVal::String(ScString(
                random_text(random, 40).as_str().try_into().unwrap(),
            )),
            _ => ScVal::Symbol(ScSymbol(
                random_text(random, 32).as_str().try_into().unwrap(),
            )),
        },
        16 => ScVal::Address(random_address(random)),
        17 => {
            let length = random.below(5);
            let values: Vec<_> = (0..length)
                .map(|_| random_value(random, depth - 1))
                .collect();
            ScVal::Vec(Some(ScVec(values.try_into().unwrap())))
        }
        _ => {
            let length = random.below(4);
            let pair = |random: &mut Random| ScMapEntry {
                key: random_value(random, depth - 1),
                val: random_value(random, depth - 1),
            };
            let pairs: Vec<_> = (0..length).map(|_| pair(random)).collect();
            ScVal::Map(Some(ScMap(pairs.try_into().unwrap())))
        }
    }
}

/// Reads a value as what it is, and writes it again.
fn copy(value: &ScVal, reader: &mut Reader, writer: &mut Writer) {
    match value {
        ScVal::Void => {
            assert!(reader.is_void());
            writer.void();
        }
        ScVal::U32(number) => {
            assert_eq!(reader.u32(), *number);
            writer.u32(*number);
        }
        ScVal::Bytes(bytes) => {
            assert_eq!(reader.bytes(), bytes.as_slice());
            if bytes.len() % 2 == 0 {
                writer.bytes(bytes);
            } else {
                writer.bytes_start(bytes.len());
                writer.raw(bytes);
                writer.bytes_end(bytes.len());
            }
        }
        ScVal::String(text) => {
            assert_eq!(reader.string(), text.as_slice());
            writer.string(text);
        }
        ScVal::Symbol(name) => {
            assert_eq!(reader.symbol(), name.as_slice());
            writer.symbol(core::str::from_utf8(name).unwrap());
        }
        ScVal::Address(address) => {
            let read = reader.address();
            assert_eq!(read, encode(address));
            match address {
                ScAddress::Contract(ContractId(Hash(id))) => writer.contract(id),
                _ => writer.address(read),
            }
        }
        ScVal::Vec(Some(values)) => {
            assert_eq!(reader.vec() as usize, values.len());
            writer.vec(values.len());
            values.iter().for_each(|value| copy(value, reader, writer));
        }
        ScVal::Map(Some(pairs)) => {
            assert_eq!(reader.map() as usize, pairs.len());
            writer.map(pairs.len());
            for pair in pairs.iter() {
                copy(&pair.key, reader, writer);
                copy(&pair.val, reader, writer);
            }
        }
        other => {
            assert_eq!(reader.value(), encode(other));
            writer.raw(&encode(other));
        }
    }
    assert!(!reader.has_failed());
}

#[test]
fn values_are_read_and_written_as_the_sdk_writes_them() {
    let mut random = Random::new(1);
    let mut longest = 0;
    for _ in 0..5_000 {
        let value = random_value(&mut random, 4);
        let encoded = encode(&value);
        longest = longest.max(encoded.len());
        let mut reader = Reader::new(&encoded);
        let mut memory = vec![MaybeUninit::new(0xee); encoded.len()];
        let mut writer = Writer::new(&mut memory);
        copy(&value, &mut reader, &mut writer);
        assert_eq!(reader.finish(), Ok(()));
        assert_eq!(writer.written(), encoded);

        let followed = [&encoded[..], &[1, 2, 3]].concat();
        let mut reader = Reader::new(&followed);
        assert_eq!(reader.value(), encoded);
        assert_eq!(
            (reader.rest(), reader.has_failed()),
            (&[1, 2, 3][..], false)
        );
        assert_eq!(reader.finish(), Err(WalletError::MalformedArgument));
    }
    assert!(longest > 400, "{longest}");
}

#[test]
fn a_value_cut_short_is_refused_at_any_length() {
    let mut random = Random::new(2);
    for _ in 0..300 {
        let encoded = encode(&random_value(&mut random, 3));
        for length in 0..encoded.len() {
            let mut reader = Reader::new(&encoded[..length]);
            assert_eq!(reader.value(), [0; 0]);
            assert!(reader.has_failed());
            assert_eq!(reader.finish(), Err(WalletError::MalformedArgument));
        }
    }
}

/// Each way to read something off a reader.
const READS: [fn(&mut Reader); 18] = [
    |reader| _ = reader.take(5),
    |reader| _ = reader.take(usize::MAX),
    |reader| _ = reader.array::<65>(),
    |reader| _ = reader.word(),
    |reader| _ = reader.u32(),
    |reader| _ = reader.bytes(),
    |reader| _ = reader.bytes_n::<32>(),
    |reader| _ = reader.bytes_n::<65>(),
    |reader| _ = reader.string(),
    |reader| _ = reader.symbol(),
    |reader| _ = reader.vec(),
    |reader| _ = reader.map(),
    |reader| reader.fields(2),
    |reader| reader.field("name"),
    |reader| _ = reader.is_void(),
    |reader| _ = reader.address(),
    |reader| _ = (reader.contract(), reader.account_or_contract()),
    |reader| _ = reader.value(),
];

#[test]
fn no_bytes_make_a_reader_panic_or_go_back() {
    let mut random = Random::new(3);
    let mut successes = 0;
    for _ in 0..20_000 {
        // Small words, so that tags and lengths are often plausible.
        let word = |random: &mut Random| match random.below(4) {
            0 => random.array(),
            1 => u32::MAX.to_be_bytes(),
            _ => random.below(20).to_be_bytes(),
        };
        let words = random.below(12);
        let mut bytes: Vec<u8> = (0..words).flat_map(|_| word(&mut random)).collect();
        bytes.truncate(bytes.len().saturating_sub(random.below(4) as usize));
        let mut reader = Reader::new(&bytes);
        let mut left = bytes.len();
        for _ in 0..6 {
            let had_failed = reader.has_failed();
            random.pick(&READS)(&mut reader);
            assert!(reader.rest().len() <= left && reader.has_failed() >= had_failed);
            left = reader.rest().len();
            assert!(!reader.has_failed() || left == 0);
            successes += usize::from(!reader.has_failed());
        }
    }
    assert!(successes > 3_000, "{successes}");
}

#[test]
fn a_reader_that_failed_gives_nothing() {
    let value = encode(&ScVal::U32(7));
    let mut reader = Reader::new(&value);
    reader.fail();
    assert_eq!(
        (reader.u32(), reader.word(), reader.vec(), reader.map()),
        (0, 0, 0, 0)
    );
    assert_eq!(
        (reader.bytes(), reader.value(), reader.rest()),
        (&[][..], &[][..], &[][..])
    );
    assert_eq!(
        (reader.array(), reader.bytes_n(), reader.contract()),
        (&[0; 65], &[0; 65], &[0; 32])
    );
    assert!(!reader.is_void());
}

#[test]
fn a_value_of_another_type_is_refused() {
    let mut random = Random::new(4);
    for _ in 0..2_000 {
        let value = random_value(&mut random, 1);
        let encoded = encode(&value);
        let refused = |read: fn(&mut Reader)| {
            let mut reader = Reader::new(&encoded);
            read(&mut reader);
            reader.has_failed()
        };
        assert_eq!(refused(|r| _ = r.u32()), !matches!(value, ScVal::U32(_)));
        assert_eq!(
            refused(|r| _ = r.bytes()),
            !matches!(value, ScVal::Bytes(_))
        );
        assert_eq!(
            refused(|r| _ = r.string()),
            !matches!(value, ScVal::String(_))
        );
        assert_eq!(
            refused(|r| _ = r.symbol()),
            !matches!(value, ScVal::Symbol(_))
        );
        assert_eq!(refused(|r| _ = r.vec()), !matches!(value, ScVal::Vec(_)));
        assert_eq!(refused(|r| _ = r.map()), !matches!(value, ScVal::Map(_)));
        assert_eq!(
            refused(|r| _ = r.address()),
            !matches!(value, ScVal::Address(_))
        );
        let is_contract = matches!(value, ScVal::Address(ScAddress::Contract(_)));
        assert_eq!(refused(|r| _ = r.contract()), !is_contract);
        let is_account = matches!(value, ScVal::Address(ScAddress::Account(_)));
        let authorizes = is_contract || is_account;
        assert_eq!(refused(|r| _ = r.account_or_contract()), !authorizes);
        let mut reader = Reader::new(&encoded);
        assert_eq!(reader.is_void(), value == ScVal::Void);
        let left = if value == ScVal::Void {
            0
        } else {
            encoded.len()
        };
        assert_eq!(reader.rest().len(), left);
    }
}

#[test]
fn byte_strings_of_another_length_are_refused() {
    for length in 0..70usize {
        let bytes: Vec<u8> = (1..=length as u8).collect();
        let encoded = encode(&ScVal::Bytes(ScBytes(bytes.clone().try_into().unwrap())));
        let mut reader = Reader::new(&encoded);
        let read: &[u8; 32] = reader.bytes_n();
        assert_eq!(reader.has_failed(), length != 32, "{length}");
        let expected = if length == 32 { &bytes[..] } else { &[0; 32] };
        assert_eq!(read, expected);
    }
}

#[test]
fn structs_have_their_fields_in_order() {
    let field = |name: &str, value| ScMapEntry {
        key: ScVal::Symbol(ScSymbol(name.try_into().unwrap())),
        val: ScVal::U32(value),
    };
    let pairs = vec![field("a", 1), field("b", 2)];
    let encoded = encode(&ScVal::Map(Some(ScMap(pairs.try_into().unwrap()))));
    let read = |count: u32, names: [&str; 2]| {
        let mut reader = Reader::new(&encoded);
        reader.fields(count);
        let read = names.map(|name| {
            reader.field(name);
            reader.u32()
        });
        reader.finish().map(|()| read)
    };
    assert_eq!(read(2, ["a", "b"]), Ok([1, 2]));
    let refused = Err(WalletError::MalformedArgument);
    for (count, names) in [
        (1, ["a", "b"]),
        (3, ["a", "b"]),
        (2, ["b", "a"]),
        (2, ["a", "a"]),
        (2, ["a", "bb"]),
        (2, ["", "b"]),
    ] {
        assert_eq!(read(count, names), refused);
    }
}

#[test]
fn what_was_written_can_be_changed_and_no_more() {
    let mut memory = [MaybeUninit::new(0); 12];
    let mut writer = Writer::new(&mut memory);
    writer.u32(7);
    writer.overwrite(4, &9u32.to_be_bytes());
    assert_eq!(writer.written(), encode(&ScVal::U32(9)));
    assert_eq!(writer.written().len(), 8);
}

#[test]
#[should_panic]
fn nothing_that_was_not_written_is_changed() {
    let mut memory = [MaybeUninit::new(0); 12];
    let mut writer = Writer::new(&mut memory);
    writer.u32(7);
    writer.overwrite(8, &[0]);
}

#[test]
#[should_panic]
fn more_than_there_is_room_for_is_not_written() {
    let mut memory = [MaybeUninit::new(0); 7];
    Writer::new(&mut memory).u32(7);
}
