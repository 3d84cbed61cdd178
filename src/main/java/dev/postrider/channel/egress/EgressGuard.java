package dev.postrider.channel.egress;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Decides which addresses a target chosen by a customer may have: public ones only. Judges concrete
 * addresses, never names or spellings, at the moment a socket connects; the JDK's own predicates
 * know neither carrier-grade NAT nor unique-local nor embedded IPv4 addresses.
 */
public final class EgressGuard {
  private static final List<Cidr> NOT_PUBLIC_V4 =
      cidrs(
          "0.0.0.0/8",
          "10.0.0.0/8",
          "100.64.0.0/10",
          "127.0.0.0/8",
          "168.63.129.16/32",
          "169.254.0.0/16",
          "172.16.0.0/12",
          "192.0.0.0/24",
          "192.0.2.0/24",
          "192.88.99.0/24",
          "192.168.0.0/16",
          "198.18.0.0/15",
          "198.51.100.0/24",
          "203.0.113.0/24",
          "224.0.0.0/4",
          "240.0.0.0/4");

  /** Global unicast (RFC 4291) is 2000::/3; these parts of it are not for us. */
  private static final List<Cidr> NOT_PUBLIC_V6 =
      cidrs("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20");

  private static final Cidr GLOBAL_UNICAST = Cidr.parse("2000::/3");

  private final List<Cidr> allowed;

  public EgressGuard(List<String> allowed) {
    this.allowed = allowed.stream().map(Cidr::parse).toList();
  }

  /** Whether a customer's target may have this address. */
  public boolean allows(InetAddress address) {
    InetAddress plain = unwrapped(address);
    if (allowed.stream().anyMatch(cidr -> cidr.contains(plain))) {
      return true;
    }
    return isPublic(plain) && !ownAddresses().contains(plain);
  }

  private static boolean isPublic(InetAddress address) {
    if (address instanceof Inet4Address) {
      return NOT_PUBLIC_V4.stream().noneMatch(cidr -> cidr.contains(address));
    }
    return GLOBAL_UNICAST.contains(address)
        && NOT_PUBLIC_V6.stream().noneMatch(cidr -> cidr.contains(address));
  }

  /** An IPv4 address that travels as ::ffff:a.b.c.d is judged as what it is. */
  private static InetAddress unwrapped(InetAddress address) {
    byte[] bytes = address.getAddress();
    boolean mapped =
        address instanceof Inet6Address
            && bytes[10] == (byte) 0xff
            && bytes[11] == (byte) 0xff
            && allZero(bytes, 10);
    try {
      return mapped ? InetAddress.getByAddress(Arrays.copyOfRange(bytes, 12, 16)) : address;
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }

  private static boolean allZero(byte[] bytes, int count) {
    for (int i = 0; i < count; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }

  private static Set<InetAddress> ownAddresses() {
    Set<InetAddress> own = new HashSet<>();
    try {
      NetworkInterface.networkInterfaces()
          .forEach(it -> own.addAll(Collections.list(it.getInetAddresses())));
    } catch (SocketException _) {
      // Without a list of our own addresses the tables above still hold.
    }
    return own;
  }

  private static List<Cidr> cidrs(String... texts) {
    return Arrays.stream(texts).map(Cidr::parse).toList();
  }

  /** A network and its prefix length. */
  public record Cidr(InetAddress network, int prefix) {

    /** Reads {@code 10.0.0.0/8}, {@code fd00::/8} or a single address. */
    public static Cidr parse(String text) {
      int slash = text.indexOf('/');
      String address = slash < 0 ? text : text.substring(0, slash);
      try {
        InetAddress network = InetAddress.ofLiteral(address.strip());
        int bits = network.getAddress().length * 8;
        int prefix = slash < 0 ? bits : Integer.parseInt(text.substring(slash + 1).strip());
        if (prefix >= 0 && prefix <= bits) {
          return new Cidr(network, prefix);
        }
      } catch (IllegalArgumentException _) {
        // said below
      }
      throw new IllegalArgumentException("not a network: " + text);
    }

    boolean contains(InetAddress address) {
      byte[] ours = network.getAddress();
      byte[] theirs = address.getAddress();
      if (ours.length != theirs.length) {
        return false;
      }
      for (int bit = 0; bit < prefix; bit += 8) {
        int mask = prefix - bit >= 8 ? 0xff : 0xff << (8 - (prefix - bit)) & 0xff;
        if ((ours[bit / 8] & mask) != (theirs[bit / 8] & mask)) {
          return false;
        }
      }
      return true;
    }
  }
}
