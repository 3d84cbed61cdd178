package dev.postrider.app;

import dev.postrider.platform.Bounded;
import dev.postrider.platform.Home;
import dev.postrider.platform.Remembered;
import dev.postrider.platform.Secret;
import dev.postrider.platform.Settings;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.Transactions;
import dev.postrider.platform.secret.Hmac;
import dev.postrider.platform.secret.MasterKey;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Issues and recognises API keys. Stored is an HMAC of the key, keyed from the master key: random
 * keys need no slow hash, and whoever can write rows still cannot mint one. A revocation holds on
 * every node within five seconds, on this one at once.
 */
@Wired
public class ApiKeys {
  private static final Duration REMEMBERED = Duration.ofSeconds(5);

  private final ApiKeyStore store;
  private final Hmac hmac;
  private final byte[] adminHash;

  /** By kid; an empty value is a kid that nobody may use. */
  private final Remembered<String, Optional<ApiKeyStore.Usable>> known;

  public ApiKeys(ApiKeyStore store, MasterKey master, Settings settings, Home home) {
    this.store = store;
    // Anybody can make up a key that has to be looked up.
    Bounded lookUps = new Bounded("keys", 3, Duration.ofMillis(1500));
    this.known = new Remembered<>(REMEMBERED, 10_000, id -> lookUps.run(() -> store.use(id)));
    this.hmac = Hmac.derived(master, "api-keys");
    Secret admin = settings.adminKey().orElseGet(() -> generatedAdminKey(home));
    this.adminHash = hmac.of(admin.value());
  }

  private static Secret generatedAdminKey(Home home) {
    return home.secret("admin-key", () -> ApiKey.generate(ApiKey.ADMIN_PREFIX).text());
  }

  /** A key that was just made: the only moment its text is known. */
  public record Issued(KeyInfo info, Secret key) {}

  public Issued issue(AppId app) {
    ApiKey key = ApiKey.generate(ApiKey.APP_PREFIX);
    return new Issued(store.insert(app, key.kid(), hmac.of(key.text())), new Secret(key.text()));
  }

  /** Issues a key and lets the others of the application end after an overlap. */
  public Issued rotate(AppId app, Duration overlap) {
    // Of two at once each would leave the other's key without an end.
    store.lock(app);
    Issued issued = issue(app);
    store.expireOthers(app, issued.info().keyId(), overlap);
    Transactions.nowAndAfterCommit(known::forgetAll);
    return issued;
  }

  /** The oldest first, after one. */
  List<KeyInfo> list(AppId app, long after, int most) {
    return store.list(app, after, most);
  }

  public boolean revoke(AppId app, long keyId) {
    Optional<String> kid = store.revoke(app, keyId);
    kid.ifPresent(it -> Transactions.nowAndAfterCommit(() -> known.forget(it)));
    return kid.isPresent();
  }

  /** Forgets what is remembered: an application was deleted. */
  void forget() {
    known.forgetAll();
  }

  /**
   * The public part of an application's key, by which it can be asked for later; null of others.
   */
  public @Nullable String kid(String presented) {
    return ApiKey.parse(presented).filter(ApiKey::isForApp).map(ApiKey::kid).orElse(null);
  }

  /** Whether the key with this public part is still good. */
  public boolean isUsable(String kid) {
    return known.get(kid).isPresent();
  }

  /** Who presents this key; empty for a key that is unknown, wrong, revoked or expired. */
  public Optional<Caller> recognise(String presented) {
    byte[] hash = hmac.of(presented);
    if (MessageDigest.isEqual(hash, adminHash)) {
      return Optional.of(Caller.OPERATOR);
    }
    // A key that is unknown and one that is wrong take the same path up to the comparison.
    return ApiKey.parse(presented)
        .filter(ApiKey::isForApp)
        .flatMap(key -> known.get(key.kid()))
        .filter(usable -> MessageDigest.isEqual(hash, usable.hash()))
        .map(usable -> new Caller(usable.app()));
  }
}
