use super::{clean, leave};

/// A constant far from anything else that is used, so that its page may go.
static WORDS: [u8; 64 * 1024] = [7; 64 * 1024];

#[test]
fn only_clean_copies_of_files_are_dropped() {
    let smaps = "\
55d0c0000000-55d0c0100000 r--p 00000000 fe:00 77 /usr/bin/qiyou-agent
Size: 1024 kB
Anonymous:             0 kB
VmFlags: rd mr mw me sd
55d0c0100000-55d0c0200000 r-xp 00100000 fe:00 77 /usr/bin/qiyou-agent
Anonymous:             0 kB
55d0c0200000-55d0c0210000 r--p 00200000 fe:00 77 /usr/bin/qiyou-agent
Anonymous:            64 kB
55d0c0210000-55d0c0220000 rw-p 00210000 fe:00 77 /usr/bin/qiyou-agent
Anonymous:             0 kB
7f0000000000-7f0000100000 rw-s 00000000 fe:00 88 /home/zhangsan/mail.db-shm
Anonymous:             0 kB
7f0000200000-7f0000201000 r-xp 00000000 00:00 0 [vdso]
Anonymous:             0 kB
garbage
";
    assert_eq!(
        clean(smaps),
        [0x55d0_c000_0000..0x55d0_c010_0000, 0x55d0_c010_0000..0x55d0_c020_0000]
    );
}

#[test]
fn a_process_lives_on_without_them_and_is_smaller() {
    let sum = |bytes: &[u8]| bytes.iter().map(|b| u64::from(*b)).sum::<u64>();
    let before = sum(&WORDS);
    let mapped = || -> u64 {
        let smaps = std::fs::read_to_string("/proc/self/smaps_rollup").unwrap();
        let line = smaps.lines().find(|l| l.starts_with("Rss:")).unwrap();
        line.split_ascii_whitespace().nth(1).unwrap().parse().unwrap()
    };
    let large = mapped();
    leave();
    let small = mapped();
    assert!(small < large, "{large} kB, then {small} kB");
    assert_eq!(sum(&WORDS), before);
}
