//! Strips from a contract's wasm what Soroban does not need: the entries of its specification
//! (section `contractspecv0`) that the contract never uses, as stellar-cli does, by soroban-spec's
//! own rules; and, of its exports, the linker's globals, which every caller pays for.
//!
//! Usage: `spec-shake INPUT.wasm OUTPUT.wasm`
//!
//! Guarantees that all other sections stay byte for byte. It does not validate the wasm; the host
//! does, when the code is uploaded.

mod section;
#[cfg(test)]
mod test;

use std::{collections::HashSet, env, error::Error, fs, process::ExitCode};

use section::Section;
use soroban_spec::{
    read,
    shaking::{self, Marker, Model},
};
use stellar_xdr::{Limited, Limits, ReadXdr, ScMetaEntry, ScSpecEntry, WriteXdr};

const CUSTOM_SECTION: u8 = 0;
const EXPORT_SECTION: u8 = 7;
const GLOBAL_EXPORT: u8 = 3;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [input, output] = arguments.as_slice() else {
        eprintln!("usage: spec-shake INPUT.wasm OUTPUT.wasm");
        return ExitCode::from(2);
    };
    match shake_file(input, output) {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("spec-shake: {input}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn shake_file(input: &str, output: &str) -> Result<String, Box<dyn Error>> {
    let wasm = fs::read(input)?;
    let shaken = shake(&wasm)?;
    fs::write(output, &shaken)?;
    Ok(format!("{} -> {} bytes", wasm.len(), shaken.len()))
}

fn shake(wasm: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let (header, sections) = section::split(wasm)?;
    let model = shaking::model_for_meta(&read_meta(&sections)?);
    if model == Model::None {
        return Err("nothing says how the specification could be shaken".into());
    }
    let mut shaken = header.to_vec();
    for section in &sections {
        match section {
            Section {
                id: EXPORT_SECTION,
                body,
                ..
            } => {
                section::write(&mut shaken, EXPORT_SECTION, &without_global_exports(body)?);
            }
            _ if section.custom_name() == Some("contractspecv0") => {}
            _ => shaken.extend_from_slice(section.encoded),
        }
    }
    let mut spec = section::custom_body("contractspecv0");
    for entry in used(read::from_wasm(wasm)?, shaking::find_all(wasm), model) {
        spec.extend(entry.to_xdr(Limits::none())?);
    }
    section::write(&mut shaken, CUSTOM_SECTION, &spec);
    Ok(shaken)
}

/// By the model's rules, and by reference: a contract that takes its arguments apart by its own code
/// marks no types, and one that publishes by its own code marks no events.
fn used(
    entries: Vec<ScSpecEntry>,
    mut markers: HashSet<Marker>,
    model: Model,
) -> impl Iterator<Item = ScSpecEntry> {
    let is_event = |entry: &&ScSpecEntry| matches!(entry, ScSpecEntry::EventV0(_));
    let events: HashSet<Marker> = entries
        .iter()
        .filter(is_event)
        .map(shaking::generate_marker_for_entry)
        .collect();
    if events.is_disjoint(&markers) {
        markers.extend(events);
    }
    let marked: Vec<ScSpecEntry> = shaking::filter(entries.clone(), &markers, model).collect();
    let referenced: Vec<ScSpecEntry> =
        shaking::filter(entries.clone(), &markers, Model::References).collect();
    entries
        .into_iter()
        .filter(move |entry| marked.contains(entry) || referenced.contains(entry))
}

fn read_meta(sections: &[Section]) -> Result<Vec<ScMetaEntry>, Box<dyn Error>> {
    let mut bytes = Vec::new();
    for section in sections
        .iter()
        .filter(|s| s.custom_name() == Some("contractmetav0"))
    {
        bytes.extend_from_slice(section.custom_content());
    }
    let mut reader = Limited::new(bytes.as_slice(), Limits::none());
    Ok(ScMetaEntry::read_xdr_iter(&mut reader).collect::<Result<_, _>>()?)
}

/// `__data_end`, `__heap_base` and the SDK's marker `_` mean nothing to the host.
fn without_global_exports(body: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut at = 0;
    let mut kept = Vec::new();
    let mut kept_count = 0;
    for _ in 0..section::read_leb(body, &mut at)? {
        let start = at;
        let name_length = section::read_leb(body, &mut at)?;
        at += name_length;
        let kind = *body.get(at).ok_or("truncated export section")?;
        at += 1;
        section::read_leb(body, &mut at)?;
        if kind != GLOBAL_EXPORT {
            kept.extend_from_slice(&body[start..at]);
            kept_count += 1;
        }
    }
    let mut rewritten = section::leb(kept_count);
    rewritten.extend(kept);
    Ok(rewritten)
}
