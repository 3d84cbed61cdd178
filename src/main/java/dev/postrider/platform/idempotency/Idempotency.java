package dev.postrider.platform.idempotency;

import dev.postrider.platform.Problem;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.Transactions;
import dev.postrider.platform.secret.Vault;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;

/**
 * Runs a creating request at most once a key. Key, effect and answer commit together, so that a
 * failed request stores nothing and can be sent again.
 *
 * <p>Messages do the same in their own batched transaction; this is for everything else. The answer
 * is kept sealed: it may show an API key.
 */
@Wired
public class Idempotency {
  private final IdempotencyStore store;
  private final Transactions transactions;
  private final Vault vault;

  public Idempotency(IdempotencyStore store, Transactions transactions, Vault vault) {
    this.store = store;
    this.transactions = transactions;
    this.vault = vault;
  }

  /** An answer, and whether it is one that was given before. */
  public record Outcome(StoredAnswer answer, boolean replayed) {}

  public Outcome once(@Nullable IdempotencyKey key, Supplier<StoredAnswer> work) {
    if (key == null) {
      return new Outcome(transactions.call(work), false);
    }
    Outcome known = replay(key);
    if (known != null) {
      return known;
    }
    try {
      return transactions.call(() -> {
        StoredAnswer answer = work.get();
        StoredAnswer sealed =
            new StoredAnswer(
                answer.status(), answer.location(), vault.seal(answer.body(), place(key)));
        if (store.take(List.of(new IdempotencyStore.Claim(key, sealed))).isEmpty()) {
          throw new LostRace();
        }
        return new Outcome(answer, false);
      });
    } catch (RuntimeException e) {
      if (Transactions.isLockTimeout(e)) {
        throw inProgress();
      }
      // Its twin may have been first with a name of which there can be one.
      if (!(e instanceof LostRace)
          && !(e instanceof ProblemException)
          && !(e instanceof DuplicateKeyException)) {
        throw e;
      }
      // The twin that came first may also be why this one met a conflict.
      Outcome twin = replay(key);
      if (twin != null) {
        return twin;
      }
      // A twin that was first with the name would have left its key with it: it was another's.
      throw e instanceof LostRace ? inProgress() : e;
    }
  }

  /** The answer given before for this key, null when there is none. */
  private @Nullable Outcome replay(IdempotencyKey key) {
    return store
        .find(key)
        .map(known -> {
          checkSame(key, known.fingerprint());
          StoredAnswer kept = known.answer();
          return new Outcome(
              new StoredAnswer(kept.status(), kept.location(), vault.open(kept.body(), place(key))),
              true);
        })
        .orElse(null);
  }

  /** Throws when a key comes back with a different request. */
  public static void checkSame(IdempotencyKey key, byte[] fingerprint) {
    if (!key.isSameRequestAs(fingerprint)) {
      throw ProblemException.of(
          Problem.IDEMPOTENCY_KEY_REUSE,
          "This Idempotency-Key was used for a request with another method, path or body. Use a new"
              + " key for a new request.");
    }
  }

  /** The twin of this request is still running. */
  public static ProblemException inProgress() {
    return ProblemException.retryLater(
        Problem.IDEMPOTENCY_IN_PROGRESS,
        "A request with this Idempotency-Key is still running; ask again for its answer.",
        Duration.ofSeconds(1));
  }

  private static String place(IdempotencyKey key) {
    return "idempotency_keys.body/" + key.scope() + "/" + key.key();
  }

  /** Another request with the key committed first: what this one did is rolled back. */
  private static final class LostRace extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LostRace() {
      super("another request with this key committed first", null, false, false);
    }
  }
}
