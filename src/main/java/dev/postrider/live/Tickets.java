package dev.postrider.live;

import dev.postrider.app.AppId;
import dev.postrider.platform.Bounded;
import dev.postrider.platform.Wired;
import dev.postrider.platform.secret.Hmac;
import dev.postrider.platform.secret.MasterKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tickets for those who cannot send a header with what they open: browsers. Each opens one
 * connection, soon, on any node. Stored is an HMAC.
 */
@Wired
public class Tickets {
  private static final String PREFIX = "prt_";
  private static final Pattern FORM = Pattern.compile(PREFIX + "[A-Za-z0-9_-]{43}");
  private static final SecureRandom RANDOM = new SecureRandom();

  private final TicketStore store;
  private final LiveSettings settings;
  private final Hmac hmac;

  /** Anybody can make up a ticket that has to be looked up. */
  private final Bounded lookUps = new Bounded("tickets", 3, Duration.ofMillis(1500));

  public Tickets(TicketStore store, LiveSettings settings, MasterKey master) {
    this.store = store;
    this.settings = settings;
    this.hmac = Hmac.derived(master, "live-tickets");
  }

  /** A ticket that was just made: the only moment its text is known. */
  record Issued(String ticket, Instant expiresAt) {
    @Override
    public String toString() {
      return "Issued[" + expiresAt + "]";
    }
  }

  /**
   * What a ticket gives.
   *
   * @param kid of the key it was asked for with; null for the operator's
   */
  record Right(AppId app, @Nullable String kid) {}

  Issued issue(AppId app, @Nullable String kid) {
    byte[] bytes = new byte[32];
    RANDOM.nextBytes(bytes);
    String ticket = PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    return new Issued(ticket, store.insert(app, kid, hmac.of(ticket), settings.ticketFor()));
  }

  /** What a ticket would give; it is not used up. */
  Optional<Right> right(String ticket) {
    return FORM.matcher(ticket).matches()
        ? lookUps.run(() -> store.find(hmac.of(ticket)))
        : Optional.empty();
  }

  /** Uses a ticket up; false when somebody else was faster, or it is too old now. */
  boolean redeem(String ticket) {
    return store.take(hmac.of(ticket));
  }
}
