package dev.postrider.channel.egress;

import dev.postrider.platform.Settings;
import dev.postrider.platform.SettingsException;
import dev.postrider.platform.Wired;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes the sockets that leave this service. A guarded one looks at the address it connects to. */
@Wired
public class EgressSockets {
  /** A host whose last part is a number is an address, however it is written. */
  private static final Pattern NUMBER = Pattern.compile("(^|\\.)(0[xX][0-9a-fA-F]*|[0-9]+)\\.?$");

  private static final Pattern DOTTED =
      Pattern.compile("((0|[1-9][0-9]{0,2})\\.){3}(0|[1-9][0-9]{0,2})");

  private final EgressGuard guard;

  public EgressSockets(Settings settings) {
    try {
      this.guard = new EgressGuard(settings.egressAllow());
    } catch (IllegalArgumentException e) {
      throw new SettingsException(
          "POSTRIDER_EGRESS_ALLOW",
          "must list networks such as 10.1.0.0/16 (" + e.getMessage() + ")",
          "Mend it or unset it.");
    }
  }

  /** Says whether every address of a name may be reached; one private answer spoils the name. */
  public void check(InetAddress[] addresses) throws ConnectException {
    for (InetAddress address : addresses) {
      check(address);
    }
  }

  /**
   * Whether a host is an address that not everybody reads alike: 127.1, 0x7f000001, and 0177.0.0.1,
   * which Java takes for 177.0.0.1 and a browser for 127.0.0.1.
   */
  public static boolean isAmbiguous(String host) {
    return NUMBER.matcher(host).find() && !DOTTED.matcher(host).matches();
  }

  /**
   * Whether whoever fetches from a host reaches no private address by it, as far as is known here;
   * a name that does not resolve has none.
   */
  public boolean mayReach(@Nullable String host) {
    return mayReach(host, Names.OF_CALLS);
  }

  /**
   * The same, for an address that is being set up and looked at again with each call: it takes
   * nothing from those who send.
   */
  public boolean mayPointTo(@Nullable String host) {
    return mayReach(host, Names.OF_CHECKS);
  }

  private boolean mayReach(@Nullable String host, Names names) {
    if (host == null || isAmbiguous(host)) {
      return false;
    }
    try {
      check(names.addresses(host.startsWith("[") ? host.substring(1, host.length() - 1) : host));
      return true;
    } catch (UnknownHostException _) {
      return true;
    } catch (ConnectException _) {
      return false;
    }
  }

  private void check(InetAddress address) throws ConnectException {
    if (!guard.allows(address)) {
      throw new EgressRefused();
    }
  }

  /**
   * A socket that is not connected yet.
   *
   * @param trusted whether the operator chose the target
   */
  public Socket create(boolean trusted) {
    return create(trusted, Long.MAX_VALUE);
  }

  /**
   * The same, for a protocol whose reader takes whatever it is told.
   *
   * @param mostRead how many bytes it may say, encrypted or not, before reading fails
   */
  public Socket create(boolean trusted, long mostRead) {
    return new EgressSocket(trusted, mostRead);
  }

  /** The target has an address that customers' settings may not reach. */
  static final class EgressRefused extends ConnectException {
    private static final long serialVersionUID = 1L;

    EgressRefused() {
      super("the address is not public and not in POSTRIDER_EGRESS_ALLOW");
    }
  }

  private final class EgressSocket extends Socket {
    private final boolean trusted;
    private final long mostRead;

    /** One for all who ask: whoever reads through TLS asks again. */
    private @Nullable InputStream bounded;

    EgressSocket(boolean trusted, long mostRead) {
      this.trusted = trusted;
      this.mostRead = mostRead;
    }

    @Override
    public InputStream getInputStream() throws IOException {
      if (mostRead == Long.MAX_VALUE) {
        return super.getInputStream();
      }
      InputStream known = bounded;
      if (known == null) {
        known = new BoundedInput(super.getInputStream(), mostRead);
        bounded = known;
      }
      return known;
    }

    @Override
    public void connect(SocketAddress endpoint, int timeout) throws IOException {
      if (!trusted) {
        if (!(endpoint instanceof InetSocketAddress target) || target.isUnresolved()) {
          throw new EgressRefused();
        }
        check(target.getAddress());
      }
      super.connect(endpoint, timeout);
    }

    @Override
    public void connect(SocketAddress endpoint) throws IOException {
      connect(endpoint, 0);
    }
  }
}
