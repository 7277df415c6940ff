//! The tables of core, held against what stands beside them: the README, the migrations' folder.
#![allow(clippy::unwrap_used)] // as in any test

mod source;

use authcore::api::{Base, ROUTES};
use authcore::store::schema::MIGRATIONS;
use source::{file, files};

#[test]
fn the_readme_names_every_route_and_no_other() {
    let readme = file("README.md");
    let section = readme.text.split("\n## Routes\n").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let first_cell = |line: &str| line.strip_prefix("| `")?.split(" | ").next().map(str::to_owned);
    let cells: Vec<String> = section.lines().filter_map(first_cell).collect();
    let mut named: Vec<&str> = cells.iter().flat_map(|cell| cell.split('`')).collect();
    named.retain(|part| part.contains(" /"));
    let path = |base, path: &str| match base {
        Base::Root => path.to_owned(),
        Base::Prefix => format!("/v1{path}"),
    };
    let mut routes: Vec<String> = ROUTES
        .iter()
        .map(|route| format!("{} {}", route.method, path(route.base, route.path)))
        .collect();
    routes.sort_unstable();
    named.sort_unstable();
    assert_eq!(named, routes);
}

#[test]
fn every_migration_of_the_folder_is_in_the_list() {
    // `wrangler d1 migrations apply` reads the folder, all other hosts the list.
    let folder = files("core/migrations", &[""]);
    let folder: Vec<_> = folder.iter().map(|file| (file.path.as_str(), &file.text[..])).collect();
    let listed = MIGRATIONS.iter().map(|each| (format!("core/migrations/{}", each.name), each.sql));
    let listed: Vec<_> = listed.collect();
    assert_eq!(folder, listed.iter().map(|(name, sql)| (&name[..], *sql)).collect::<Vec<_>>());
}
