//! Watches the host run, through its trace hook: one record for each frame, with what it cost. A tracer counts, or it
//! also converts values; converting is paid from the budget and puts objects into the host, so the numbers of a
//! converting run mean nothing, and counting runs know no values. Errors of its own never reach the invocation.
use soroban_env_host::{
    events::HostEvent,
    xdr::{ContractEventBody, ContractEventType, ScVal, ScVec},
    Host, HostError, Object, Tag, TraceEvent, TraceHook, TryFromVal, Val,
};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

/// A contract's call as its `fn_call` diagnostic tells it.
pub struct Call {
    pub contract_id: Vec<u8>,
    pub function: String,
    pub arguments: Vec<ScVal>,
}

/// A `require_auth` in the frame. `arguments` are given where they are not the frame's own.
pub struct Demand {
    pub is_met: bool,
    pub address: Option<ScVal>,
    pub arguments: Option<ScVal>,
}

pub struct FrameRecord {
    pub parent: Option<usize>,
    /// The kind of the host's frame: `VM`, `SAC` or the name of the host function.
    pub kind: String,
    pub call: Option<Call>,
    pub instructions: u64,
    pub memory_bytes: u64,
    pub value: Option<ScVal>,
    pub error: Option<String>,
    pub demands: Vec<Demand>,
    /// Where the contract events of this frame are among all diagnostic events.
    pub events: Vec<usize>,
}

/// What is switched on when the invocation begins.
#[derive(Clone, Copy)]
pub enum AuthMode {
    /// As the authorization entries say.
    Enforce,
    Record {
        root_only: bool,
    },
}

#[derive(Default)]
struct Records {
    frames: Vec<FrameRecord>,
    open: Vec<usize>,
    events_seen: usize,
}

pub struct Tracer {
    records: RefCell<Records>,
    auth_mode: AuthMode,
    converts: bool,
    /// Converting calls the host, which would be traced in turn.
    is_busy: Cell<bool>,
}

impl Tracer {
    pub fn new(auth_mode: AuthMode, converts: bool) -> Rc<Self> {
        Rc::new(Self {
            records: RefCell::default(),
            auth_mode,
            converts,
            is_busy: Cell::new(false),
        })
    }

    pub fn hook(self: &Rc<Self>) -> TraceHook {
        let tracer = self.clone();
        Rc::new(move |host, event| {
            if !tracer.is_busy.replace(true) {
                tracer.note(host, event);
                tracer.is_busy.set(false);
            }
            Ok(())
        })
    }

    pub fn take_frames(&self) -> Vec<FrameRecord> {
        core::mem::take(&mut self.records.borrow_mut().frames)
    }

    fn note(&self, host: &Host, event: TraceEvent) {
        let records = &mut *self.records.borrow_mut();
        match event {
            TraceEvent::PushCtx(..) => {
                if records.frames.is_empty() {
                    if let AuthMode::Record { root_only } = self.auth_mode {
                        // The outermost frame has no authorization of its own, so nothing is lost by switching here.
                        let _ = host.switch_to_recording_auth(root_only);
                    }
                }
                self.push(records, host, &event.to_string());
            }
            TraceEvent::PopCtx(.., result) => self.pop(records, host, result),
            TraceEvent::EnvCall(name, arguments) => {
                let arguments: Vec<String> =
                    arguments.iter().map(|value| format!("{value:?}")).collect();
                self.demand(records, host, name, &arguments);
            }
            TraceEvent::EnvRet(name, result) => {
                if let (true, Ok(_)) = (is_demand(name), result) {
                    if let Some(demand) = open_frame(records).and_then(|it| it.demands.last_mut()) {
                        demand.is_met = true;
                    }
                }
            }
            TraceEvent::Begin | TraceEvent::End => {}
        }
    }

    fn push(&self, records: &mut Records, host: &Host, text: &str) {
        let events = self.note_events(records, host);
        let (kind, arguments) = parse_push(text);
        let call = events
            .last()
            .filter(|_| kind == "VM" || kind == "SAC")
            .and_then(|event| call_of(event, arguments));
        let parent = records.open.last().copied();
        records.open.push(records.frames.len());
        records.frames.push(FrameRecord {
            parent,
            kind: kind.to_string(),
            call,
            instructions: instructions(host),
            memory_bytes: memory_bytes(host),
            value: None,
            error: None,
            demands: Vec::new(),
            events: Vec::new(),
        });
    }

    fn pop(
        &self,
        records: &mut Records,
        host: &Host,
        result: &core::result::Result<Val, &HostError>,
    ) {
        self.note_events(records, host);
        let value = match result {
            Ok(value) if self.converts => ScVal::try_from_val(host, value).ok(),
            _ => None,
        };
        let (used, peak) = (instructions(host), memory_bytes(host));
        if let Some(frame) = open_frame(records) {
            frame.instructions = used.saturating_sub(frame.instructions);
            frame.memory_bytes = peak.saturating_sub(frame.memory_bytes);
            frame.value = value;
            frame.error = result.err().map(|error| format!("{:?}", error.error));
        }
        records.open.pop();
    }

    fn demand(&self, records: &mut Records, host: &Host, name: &str, arguments: &[String]) {
        if !is_demand(name) {
            return;
        }
        let converted = |index: usize, tag| {
            let text: &String = arguments.get(index).filter(|_| self.converts)?;
            let object = Object::from_handle_and_tag(handle_in(text)?, tag);
            ScVal::try_from_val(host, &object.to_val()).ok()
        };
        let demand = Demand {
            is_met: false,
            address: converted(0, Tag::AddressObject),
            arguments: converted(1, Tag::VecObject),
        };
        if let Some(frame) = open_frame(records) {
            frame.demands.push(demand);
        }
    }

    /// Gives the contract events since the last time to the open frame. Returns all events so far.
    fn note_events(&self, records: &mut Records, host: &Host) -> Vec<HostEvent> {
        if !self.converts {
            return Vec::new();
        }
        let events = host.get_events().unwrap_or_default().0;
        let seen = core::mem::replace(&mut records.events_seen, events.len());
        if let Some(frame) = open_frame(records) {
            let new = events.iter().enumerate().skip(seen);
            frame.events.extend(
                new.filter(|(_, it)| it.event.type_ != ContractEventType::Diagnostic)
                    .map(|(index, _)| index),
            );
        }
        events
    }
}

fn open_frame(records: &mut Records) -> Option<&mut FrameRecord> {
    let index = *records.open.last()?;
    records.frames.get_mut(index)
}

fn is_demand(name: &str) -> bool {
    name == "require_auth" || name == "require_auth_for_args"
}

fn instructions(host: &Host) -> u64 {
    host.budget_cloned().get_cpu_insns_consumed().unwrap_or(0)
}

/// The highest so far: memory that a frame gives back is not taken off.
fn memory_bytes(host: &Host) -> u64 {
    host.budget_cloned().get_mem_bytes_consumed().unwrap_or(0)
}

/// `push KIND:id:function(value, value)`, the only public rendering of a frame: its kind and how many values.
fn parse_push(text: &str) -> (&str, usize) {
    let text = text.strip_prefix("push ").unwrap_or(text);
    let kind = text.split([':', '(']).next().unwrap_or(text);
    let list = text.split_once('(').map_or("", |(_, list)| list);
    let list = list.strip_suffix(')').unwrap_or(list);
    let mut depth = 0;
    let commas = list.chars().filter(|character| {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        *character == ',' && depth == 0
    });
    let separators = commas.count();
    (kind, if list.is_empty() { 0 } else { separators + 1 })
}

/// `Address(obj#7)`: the number of the object.
fn handle_in(text: &str) -> Option<u32> {
    let digits = text.split_once('#')?.1;
    let end = digits.find(|it: char| !it.is_ascii_digit());
    digits[..end.unwrap_or(digits.len())].parse().ok()
}

/// Reads a `fn_call` event: topics `fn_call`, contract id, function; data the arguments, bare if there is one.
fn call_of(event: &HostEvent, arguments: usize) -> Option<Call> {
    let ContractEventBody::V0(body) = &event.event.body;
    let [_, ScVal::Bytes(contract_id), ScVal::Symbol(function)] = body.topics.as_slice() else {
        return None;
    };
    let arguments = match (arguments, &body.data) {
        (0, _) => Vec::new(),
        (1, only) => vec![only.clone()],
        (_, ScVal::Vec(Some(ScVec(list)))) => list.to_vec(),
        _ => return None,
    };
    Some(Call {
        contract_id: contract_id.to_vec(),
        function: function.to_string(),
        arguments,
    })
}
