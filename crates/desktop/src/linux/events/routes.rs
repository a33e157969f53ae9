//! Changes of the kernel's default routes, by rtnetlink (rtnetlink(7)).

use std::os::fd::OwnedFd;

use rustix::{
    io::Errno,
    net::{AddressFamily, RecvFlags, SocketFlags, SocketType, bind, netlink::SocketAddrNetlink, recv, socket_with},
};
use tokio::io::{Interest, unix::AsyncFd};

#[cfg(test)]
mod tests;

/// `RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE`.
const GROUPS: u32 = 0x40 | 0x400;
const RTM_NEWROUTE: u16 = 24;
const RTM_DELROUTE: u16 = 25;
/// `struct nlmsghdr`.
const HEADER: usize = 16;

/// A socket that hears of routes.
pub(super) struct Routes(AsyncFd<OwnedFd>);

impl Routes {
    pub(super) fn listen() -> std::io::Result<Self> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        // No protocol is protocol 0, which is `NETLINK_ROUTE`.
        let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, None)?;
        bind(&socket, &SocketAddrNetlink::new(0, GROUPS))?;
        // SAFETY: an `OwnedFd` is open until it is dropped, stays the same descriptor, and moves into the `AsyncFd`.
        let watched = unsafe { AsyncFd::register_with_interest(socket, Interest::READABLE) };
        Ok(Self(watched?))
    }

    /// Waits until a default route came, changed or went. Never returns if the socket breaks: then nothing is known.
    pub(super) async fn changed(&self) {
        let mut buffer = [0u8; 8192];
        loop {
            let read = self.0.async_io(Interest::READABLE, |socket| {
                match recv(socket, &mut buffer[..], RecvFlags::empty()) {
                    Ok((count, _)) => Ok(Some(count)),
                    // Messages were lost: whatever they said, something changed.
                    Err(Errno::NOBUFS) => Ok(None),
                    Err(e) => Err(e.into()),
                }
            });
            match read.await {
                Ok(None) => return,
                Ok(Some(count)) => {
                    if tells_default_route(buffer.get(..count).unwrap_or_default()) {
                        return;
                    }
                }
                Err(e) => {
                    tracing::warn!("routes cannot be watched any more: {e}");
                    std::future::pending::<()>().await;
                }
            }
        }
    }
}

/// Whether one of the messages of a datagram is about a route to everywhere.
fn tells_default_route(mut datagram: &[u8]) -> bool {
    while let Some((length, rest)) = datagram.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_ne_bytes(*length)).unwrap_or(0);
        if length < HEADER {
            return false;
        }
        let kind = rest.first_chunk::<2>().map(|k| u16::from_ne_bytes(*k));
        // `struct rtmsg` follows the header: family, then the length of the destination's prefix.
        let prefix = datagram
            .get(HEADER.saturating_add(1))
            .filter(|_| length > HEADER.saturating_add(1));
        if matches!(kind, Some(RTM_NEWROUTE | RTM_DELROUTE)) && prefix == Some(&0) {
            return true;
        }
        // Messages begin at multiples of four.
        let Some(next) = length.checked_next_multiple_of(4).and_then(|step| datagram.get(step..)) else {
            return false;
        };
        datagram = next;
    }
    false
}
