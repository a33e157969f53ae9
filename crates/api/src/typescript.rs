//! The table as one TypeScript file, for `ui/src/host/api.ts`.

use std::collections::BTreeMap;
use std::fmt::Write;

use ts_rs::{Config, TS, TypeVisitor};

struct Collect<'a> {
    cfg: &'a Config,
    types: BTreeMap<String, String>,
}

impl TypeVisitor for Collect<'_> {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        // Types without an output path are primitives and containers; only what they hold is declared.
        if T::output_path().is_some() {
            let name = T::name(self.cfg);
            if self.types.contains_key(&name) {
                return;
            }
            self.types.insert(name, T::decl(self.cfg));
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

/// The whole api as TypeScript source: types, a map of requests, the list of methods.
pub fn typescript() -> String {
    let cfg = Config::default().with_large_int("number");
    let mut collect = Collect {
        cfg: &cfg,
        types: BTreeMap::new(),
    };
    crate::table::visit(&mut collect);
    collect.visit::<crate::Event>();
    collect.visit::<crate::Hello>();
    collect.visit::<crate::ApiError>();

    let mut out =
        String::from("// Made by `cargo xtask api` from crates/api. A test holds it against the Rust source.\n\n");
    for declaration in collect.types.values() {
        let _ = writeln!(out, "export {declaration}\n");
    }
    out.push_str("/** Every request: its parameters and its answer. */\nexport interface Requests {\n");
    crate::table::declare(&cfg, &mut |method, params, answer| {
        let _ = writeln!(out, "  \"{method}\": {{ params: {params}; answer: {answer} }};");
    });
    out.push_str("}\n\nexport type Method = keyof Requests;\n");
    let _ = writeln!(out, "\nexport const PROTOCOL = {};", crate::PROTOCOL);
    out
}
