use super::*;

/// A netlink message with a `struct rtmsg` as far as it is read.
fn message(kind: u16, prefix: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(28u32.to_ne_bytes());
    bytes.extend(kind.to_ne_bytes());
    bytes.extend([0; 10]);
    bytes.extend([2, prefix, 0, 0, 254, 0, 0, 1, 0, 0, 0, 0]);
    bytes
}

#[test]
fn only_routes_to_everywhere_count() {
    assert!(tells_default_route(&message(RTM_NEWROUTE, 0)));
    assert!(tells_default_route(&message(RTM_DELROUTE, 0)));
    assert!(!tells_default_route(&message(RTM_NEWROUTE, 24)));
    assert!(!tells_default_route(&message(20, 0)));
    assert!(tells_default_route(
        &[message(RTM_NEWROUTE, 24), message(RTM_DELROUTE, 0)].concat()
    ));
}

#[test]
fn a_damaged_datagram_is_read_to_its_end_and_no_further() {
    let whole = [message(RTM_NEWROUTE, 24), message(RTM_NEWROUTE, 8)].concat();
    for cut in 0..whole.len() {
        assert!(!tells_default_route(&whole[..cut]));
    }
    for length in [0u32, 3, 15, 17, u32::MAX] {
        let mut wrong = message(RTM_NEWROUTE, 24);
        wrong[..4].copy_from_slice(&length.to_ne_bytes());
        assert!(!tells_default_route(&wrong));
    }
}

#[tokio::test]
async fn the_kernel_lets_us_listen() {
    assert!(Routes::listen().is_ok());
}
