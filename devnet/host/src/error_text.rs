//! The text of a failed invocation: the host's error and what led to it, newest first. It has the form in which
//! stellar-rpc gives errors, because clients parse the first line and show the rest.
use soroban_env_host::{events::HostEvent, xdr::DiagnosticEvent, HostError};
use std::fmt::Write;

pub fn error_text(error: &HostError, diagnostics: &[DiagnosticEvent]) -> String {
    let mut text = format!("HostError: {:?}\n", error.error);
    if !diagnostics.is_empty() {
        text.push_str("\nEvent log (newest first):\n");
    }
    for (index, diagnostic) in diagnostics.iter().rev().enumerate() {
        let event = HostEvent {
            event: diagnostic.event.clone(),
            failed_call: !diagnostic.in_successful_contract_call,
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "   {index}: {event}");
    }
    text
}
