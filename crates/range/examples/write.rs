//! Writes what the sensors recorded of a built-in scenario:
//! `cargo run -p coldtrail-range --example write -- SCENARIO SEED FOLDER`.

use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [scenario, seed, folder] = arguments.as_slice() else {
        return Err("give a scenario, a seed and a folder".into());
    };
    let scenario = coldtrail_range::scenario(scenario).ok_or("there is no such scenario")?;
    let timeline = coldtrail_range::simulate(&scenario, seed.parse()?);
    for file in coldtrail_range::render(&timeline)? {
        let path = Path::new(folder).join(&file.path);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new(folder)))?;
        std::fs::write(path, file.contents)?;
    }
    Ok(())
}
