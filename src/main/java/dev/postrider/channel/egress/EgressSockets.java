package dev.postrider.channel.egress;

import dev.postrider.platform.Settings;
import dev.postrider.platform.SettingsException;
import dev.postrider.platform.Wired;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** Makes the sockets that leave this service. A guarded one looks at the address it connects to. */
@Wired
public class EgressSockets {
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

  /** Whether no known address of a host is private; one that does not resolve has none. */
  public boolean mayReach(@Nullable String host) {
    if (host == null) {
      return false;
    }
    try {
      check(
          InetAddress.getAllByName(
              host.startsWith("[") ? host.substring(1, host.length() - 1) : host));
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
    return trusted ? new Socket() : new GuardedSocket();
  }

  /** The target has an address that customers' settings may not reach. */
  static final class EgressRefused extends ConnectException {
    private static final long serialVersionUID = 1L;

    EgressRefused() {
      super("the address is not public and not in POSTRIDER_EGRESS_ALLOW");
    }
  }

  private final class GuardedSocket extends Socket {
    @Override
    public void connect(SocketAddress endpoint, int timeout) throws IOException {
      if (!(endpoint instanceof InetSocketAddress target) || target.isUnresolved()) {
        throw new EgressRefused();
      }
      check(target.getAddress());
      super.connect(endpoint, timeout);
    }

    @Override
    public void connect(SocketAddress endpoint) throws IOException {
      connect(endpoint, 0);
    }
  }
}
