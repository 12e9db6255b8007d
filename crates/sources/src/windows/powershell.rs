//! PowerShell, the one of Windows and the one that is installed beside it
//! (<https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_logging_windows>).

use coldtrail_model::{Field, Table};

use super::{Event, set_process};
use crate::Collector;
use crate::format::Stopped;

/// Makes the rows of a PowerShell event.
pub(super) fn rows(event: &Event<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
    match event.event_id {
        4103 => commands_run(event, collector),
        4104 => script_block(event, collector),
        _ => Ok(()),
    }
}

/// Event 4104, script block logging: a script block is run for the first time.
///
/// A long one comes in parts, an event each. The event knows its user as a SID, which stands in the
/// row unless the collector looked up the name.
fn script_block(event: &Event<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
    let Some(moment) = event.created(collector) else { return Ok(()) };
    let process = event.process(collector);
    event.row(Table::Script, "windows.powershell", moment, collector, |filling| {
        set_process(filling, process);
        filling.row().text(Field::UserName, &event.user);
        filling
            .text(Field::ScriptBlockText, "ScriptBlockText")
            .number(Field::ScriptSequence, "MessageNumber")
            .number(Field::ScriptTotal, "MessageTotal")
            .text(Field::FilePath, "Path");
        if let Some(guid) = filling.value("ScriptBlockId") {
            filling.row().text(Field::ScriptBlockId, &script_block_id(&guid));
        }
    })
}

/// Event 4103, module logging: the commands of a pipeline were run, with their parameters bound.
///
/// The text is what was run; [`Context`] tells by whom, and in which program.
fn commands_run(event: &Event<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
    let Some(moment) = event.created(collector) else { return Ok(()) };
    let process = event.process(collector);
    let message = event.data.get("Message");
    let (commands, behind) = message.split_once(CONTEXT).unwrap_or((&message, ""));
    let said = event.data.get("ContextInfo");
    let context = Context::of(if said.is_empty() { behind } else { &said });
    event.row(Table::Script, "windows.powershell", moment, collector, |filling| {
        set_process(filling, process);
        let program = program(context.host_application);
        filling
            .row()
            .text(Field::UserName, context.user)
            .text(Field::UserName, &event.user)
            .image(Field::ProcessExecutable, Field::ProcessName, program)
            .text(Field::ProcessCommandLine, context.host_application)
            .text(Field::FilePath, context.script_name);
        filling.text(Field::ScriptBlockText, "Payload");
        filling.row().text(Field::ScriptBlockText, commands.trim_ascii());
    })
}

/// What stands before the context in a message: an empty line, and a heading, which is in the host's
/// language.
const CONTEXT: &str = "\r\n\r\n";

/// Where a pipeline was run, of `name = value` lines. Their names are in the language of the host, their
/// order is not.
#[derive(Default)]
struct Context<'e> {
    host_application: &'e str,
    script_name: &'e str,
    user: &'e str,
}

impl<'e> Context<'e> {
    /// What those lines say, if they are as many as they should be: a command line with line ends would
    /// move those behind it.
    fn of(text: &'e str) -> Self {
        let values = text.lines().filter_map(|line| {
            let (_, value) = line.split_once('=')?;
            Some(value.trim_ascii())
        });
        let values: Vec<&str> = values.take(LINES_OF_CONTEXT + 1).collect();
        if values.len() != LINES_OF_CONTEXT {
            return Self::default();
        }
        let value = |place: usize| values.get(place).copied().unwrap_or_default();
        Self { host_application: value(4), script_name: value(10), user: value(13) }
    }
}

/// From the severity to the shell.
const LINES_OF_CONTEXT: usize = 16;

/// The program that a command line begins with; empty where it has no path, since one with spaces
/// could end anywhere.
fn program(command_line: &str) -> &str {
    if let Some(quoted) = command_line.strip_prefix('"') {
        return quoted.split('"').next().unwrap_or_default();
    }
    let end = command_line.to_ascii_lowercase().find(".exe").map(|place| place + ".exe".len());
    end.and_then(|end| command_line.get(..end)).unwrap_or_default()
}

/// The block's GUID as PowerShell writes it, in lower case; JSON of `evtx_dump` has it in upper case.
fn script_block_id(guid: &str) -> String {
    guid.trim_matches(['{', '}']).to_ascii_lowercase()
}
