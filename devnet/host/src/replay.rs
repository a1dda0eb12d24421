//! The native build as a filter, to be compared with the wasm: requests on standard input, replies on standard output,
//! until the input ends. A request is: operation, how often to run it, frame, count of ledger answers, and for each its
//! key, entry or nothing, has TTL, live-until ledger. A reply is the engine's, then the median time in nanoseconds.
//! A request that cannot be read ends the process; entries that are not among the answers do not exist.
use crate::{
    call,
    frames::{FrameReader, FrameWriter, Result as FrameResult},
    LookUpFailed, StoredEntry,
};
use std::{
    cell::RefCell,
    collections::HashMap,
    io::{self, Read, Write},
    time::Instant,
};

struct Answer {
    xdr: Vec<u8>,
    live_until_ledger: Option<u32>,
}

thread_local! {
    static ANSWERS: RefCell<HashMap<Vec<u8>, Answer>> = RefCell::default();
}

fn look_up(key: &[u8]) -> Result<Option<StoredEntry>, LookUpFailed> {
    ANSWERS.with(|answers| {
        let answers = answers.borrow();
        Ok(answers.get(key).map(|answer| StoredEntry {
            xdr: answer.xdr.clone(),
            live_until_ledger: answer.live_until_ledger,
        }))
    })
}

/// Serves one request after the other. Each is preceded by its length, as is each reply.
pub fn serve() -> io::Result<()> {
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    loop {
        let mut length = [0; 4];
        match input.read_exact(&mut length) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            other => other?,
        }
        let mut request = vec![0; u32::from_le_bytes(length) as usize];
        input.read_exact(&mut request)?;
        let reply = answer(&mut FrameReader::new(&request))
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, format!("{error:?}")))?;
        output.write_all(&(reply.len() as u32).to_le_bytes())?;
        output.write_all(&reply)?;
        output.flush()?;
    }
}

fn answer(request: &mut FrameReader) -> FrameResult<Vec<u8>> {
    let operation = request.u32()?;
    let times = request.u32()?.max(1);
    let frame = request.bytes()?;
    let mut answers = HashMap::new();
    for _ in 0..request.u32()? {
        let key = request.bytes()?.to_vec();
        let entry = request.optional()?;
        let (has_ttl, live_until_ledger) = (request.u32()?, request.u32()?);
        if let Some(xdr) = entry {
            let answer = Answer {
                xdr: xdr.to_vec(),
                live_until_ledger: (has_ttl != 0).then_some(live_until_ledger),
            };
            answers.insert(key, answer);
        }
    }
    request.finish()?;
    ANSWERS.with(|slot| slot.replace(answers));

    let mut nanoseconds = Vec::with_capacity(times as usize);
    let mut last = Vec::new();
    for _ in 0..times {
        let start = Instant::now();
        last = call(operation, frame, look_up);
        nanoseconds.push(start.elapsed().as_nanos() as u64);
    }
    nanoseconds.sort_unstable();
    let mut reply = FrameWriter::default();
    reply.bytes(&last);
    reply.u64(nanoseconds[nanoseconds.len() / 2]);
    Ok(reply.into_bytes())
}
