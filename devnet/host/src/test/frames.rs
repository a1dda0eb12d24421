use crate::{
    call,
    frames::{Error, FrameReader, FrameWriter},
    LookUpFailed, StoredEntry, PROTOCOL_VERSION,
};

fn empty_ledger(_key: &[u8]) -> Result<Option<StoredEntry>, LookUpFailed> {
    Ok(None)
}

fn status_of(reply: &[u8]) -> u32 {
    FrameReader::new(reply).u32().unwrap()
}

#[test]
fn reads_back_what_was_written() {
    let mut writer = FrameWriter::default();
    writer.u32(7);
    writer.u64(u64::MAX);
    writer.bytes(b"latch");
    let bytes = writer.into_bytes();
    let mut reader = FrameReader::new(&bytes);
    assert_eq!(reader.u32(), Ok(7));
    assert_eq!(reader.u64(), Ok(u64::MAX));
    assert_eq!(reader.bytes(), Ok(&b"latch"[..]));
    assert_eq!(reader.finish(), Ok(()));
}

#[test]
fn refuses_a_length_beyond_the_frame() {
    let mut reader = FrameReader::new(&[9, 0, 0, 0, 1, 2]);
    assert!(matches!(reader.bytes(), Err(Error::Malformed(_))));
}

#[test]
fn refuses_a_list_count_beyond_the_frame() {
    let mut reader = FrameReader::new(&[255, 255, 255, 127, 0, 0, 0, 0]);
    assert!(matches!(reader.list(), Err(Error::Malformed(_))));
}

#[test]
fn answers_every_truncation_of_a_call_with_an_error() {
    for operation in 3..=10 {
        for length in 0..64 {
            assert_ne!(
                status_of(&call(operation, &vec![0; length], empty_ledger)),
                0
            );
        }
    }
}

#[test]
fn names_an_unknown_operation() {
    let reply = call(99, &[], empty_ledger);
    let mut reader = FrameReader::new(&reply);
    assert_eq!(reader.u32(), Ok(1));
    assert_eq!(reader.bytes(), Ok(&b"unknown operation 99"[..]));
}

#[test]
fn reports_the_protocol_of_the_host() {
    let reply = call(0, &[], empty_ledger);
    let mut reader = FrameReader::new(&reply);
    assert_eq!((reader.u32(), reader.u32()), (Ok(0), Ok(PROTOCOL_VERSION)));
}
