//! Prices: the resource fee of declared resources, the rent of entry changes, and an entry's size for rent.
use crate::{
    frames::{decode, FrameReader, FrameWriter, Result},
    ledger_access::LedgerAccess,
    network_settings::{host_error, network_config, unmetered_budget},
};
use soroban_env_host::{
    e2e_invoke::entry_size_for_rent,
    fees::{
        compute_rent_fee, compute_transaction_resource_fee, LedgerEntryRentChange,
        TransactionResources,
    },
    xdr::LedgerEntry,
};

/// Words that make up one entry of the rent operation's input.
const RENT_CHANGE_WORDS: usize = 6;

/// Input: settings key, instructions, disk-read entries, write entries, disk-read bytes, write bytes, event bytes,
/// transaction bytes. Output: non-refundable and refundable fee in stroops.
pub fn resource_fee(
    frame: &mut FrameReader,
    reply: &mut FrameWriter,
    ledger: LedgerAccess,
) -> Result<()> {
    let config = network_config(frame, ledger)?;
    let resources = TransactionResources {
        instructions: frame.u32()?,
        disk_read_entries: frame.u32()?,
        write_entries: frame.u32()?,
        disk_read_bytes: frame.u32()?,
        write_bytes: frame.u32()?,
        contract_events_size_bytes: frame.u32()?,
        transaction_size_bytes: frame.u32()?,
    };
    frame.finish()?;
    let (non_refundable, refundable) =
        compute_transaction_resource_fee(&resources, &config.fee_configuration);
    reply.i64(non_refundable);
    reply.i64(refundable);
    Ok(())
}

/// Input: settings key, ledger sequence, then per changed entry: is persistent, is code, old size, new size, old live-until,
/// new live-until ledger. Output: rent fee in stroops.
pub fn rent_fee(
    frame: &mut FrameReader,
    reply: &mut FrameWriter,
    ledger: LedgerAccess,
) -> Result<()> {
    let config = network_config(frame, ledger)?;
    let sequence_number = frame.u32()?;
    let words = frame.u32_list()?;
    frame.finish()?;
    let changes: Vec<LedgerEntryRentChange> = words
        .chunks_exact(RENT_CHANGE_WORDS)
        .map(|entry| LedgerEntryRentChange {
            is_persistent: entry[0] != 0,
            is_code_entry: entry[1] != 0,
            old_size_bytes: entry[2],
            new_size_bytes: entry[3],
            old_live_until_ledger: entry[4],
            new_live_until_ledger: entry[5],
        })
        .collect();
    reply.i64(compute_rent_fee(
        &changes,
        &config.rent_fee_configuration,
        sequence_number,
    ));
    Ok(())
}

/// Input: settings key, ledger entry. Output: its size in bytes for rent (contract code counts its compiled form too).
pub fn entry_rent_size(
    frame: &mut FrameReader,
    reply: &mut FrameWriter,
    ledger: LedgerAccess,
) -> Result<()> {
    let config = network_config(frame, ledger)?;
    let bytes = frame.bytes()?;
    frame.finish()?;
    let entry: LedgerEntry = decode(bytes, "ledger entry")?;
    let budget = unmetered_budget(&config)?;
    reply.u32(entry_size_for_rent(&budget, &entry, bytes.len() as u32).map_err(host_error)?);
    Ok(())
}
