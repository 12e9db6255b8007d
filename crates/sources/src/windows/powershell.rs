//! PowerShell, the one of Windows and the one that is installed beside it
//! (<https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_logging_windows>).

use coldtrail_model::{Field, Table};

use super::{Event, set_process};
use crate::Collector;
use crate::format::Stopped;

/// Makes the rows of a PowerShell event.
pub(super) fn rows(event: &Event<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
    match event.event_id {
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

/// The block's GUID as PowerShell writes it, in lower case; JSON of `evtx_dump` has it in upper case.
fn script_block_id(guid: &str) -> String {
    guid.trim_matches(['{', '}']).to_ascii_lowercase()
}
