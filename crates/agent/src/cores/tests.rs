#[cfg(target_os = "linux")]
#[test]
fn a_process_that_wants_none_writes_none() {
    use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};
    super::none();
    assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
    let limit = getrlimit(Resource::Core);
    assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
}
