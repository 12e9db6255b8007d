//! What readers skip.

use std::fs;

use parquet::file::metadata::{PageIndexPolicy, ParquetMetaDataReader};
use parquet::file::page_index::column_index::ColumnIndexMetaData;

use crate::logs::{CONN, Scene, connections};

/// Connections to 13 addresses, so many that they take a group of rows and part of another.
const CONNECTIONS: u64 = 150_000;

#[test]
fn few_pages_have_an_address() {
    let scene = Scene::new();
    scene.write("conn.log", format!("{CONN}{}", connections(0..CONNECTIONS)));
    assert_eq!(scene.ingest().rows, CONNECTIONS);
    let store = scene.store();
    let (mut pages, mut with_address) = (0, 0);
    for file in store.snapshot().unwrap().files().filter(|file| file.table == "flow") {
        let opened = fs::File::open(store.root().join(&file.path)).unwrap();
        let reader = ParquetMetaDataReader::new();
        let metadata = reader.with_page_index_policy(PageIndexPolicy::Required);
        let metadata = metadata.parse_and_finish(&opened).unwrap();
        for (number, group) in metadata.row_groups().iter().enumerate() {
            let columns = group.columns().iter();
            let names: Vec<String> = columns.map(|column| column.column_path().string()).collect();
            let index = |name: &str| {
                let place = names.iter().position(|other| other == name).unwrap();
                &metadata.column_index().unwrap()[number][place]
            };
            for name in ["timestamp", "source_ip", "destination_ip"] {
                assert!(!matches!(index(name), ColumnIndexMetaData::NONE), "{name}");
            }
            let ColumnIndexMetaData::BYTE_ARRAY(addresses) = index("destination_ip") else {
                panic!("addresses are texts");
            };
            let sought = Some(&b"192.0.2.4"[..]);
            let bounds = addresses.min_values_iter().zip(addresses.max_values_iter());
            with_address +=
                bounds.filter(|(least, most)| *least <= sought && sought <= *most).count();
            for locations in metadata.offset_index().unwrap()[number].iter() {
                let firsts = locations.page_locations().iter().map(|page| page.first_row_index);
                let firsts: Vec<i64> = firsts.chain([group.num_rows()]).collect();
                assert!(firsts.windows(2).all(|page| page[1] - page[0] <= 8192), "{firsts:?}");
            }
            pages += addresses.min_values_iter().count();
        }
    }
    // A thirteenth of the rows is on a thirteenth of the pages, and on one more where it begins.
    assert!(pages >= 18, "{pages}");
    assert!(with_address <= 6, "{with_address} of {pages}");
}
