package dev.postrider.platform.database;

import dev.postrider.platform.Wired;
import java.sql.SQLException;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Says in the code where a transaction begins and ends. Retries what PostgreSQL says is worth
 * retrying (a serialization failure, a deadlock), three times, with jitter.
 */
@Wired
public class Transactions {
  private static final int TRIES = 3;
  private final TransactionTemplate template;
  private final TransactionTemplate snapshot;

  public Transactions(PlatformTransactionManager manager) {
    this.template = new TransactionTemplate(manager);
    this.snapshot = new TransactionTemplate(manager);
    snapshot.setReadOnly(true);
    snapshot.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
  }

  /** Reads, and reads all of one moment. */
  public <T> T snapshot(Supplier<T> read) {
    return Objects.requireNonNull(snapshot.execute(_ -> read.get()), "what was read");
  }

  public <T extends @Nullable Object> T call(Supplier<T> work) {
    for (int attempt = 1; ; attempt++) {
      try {
        return template.execute(_ -> work.get());
      } catch (RuntimeException e) {
        if (attempt == TRIES || isOpen() || !isWorthRetrying(e)) {
          throw e;
        }
        LockSupport.parkNanos(
            TimeUnit.MILLISECONDS.toNanos(ThreadLocalRandom.current().nextLong(5L << attempt) + 1));
      }
    }
  }

  public void run(Runnable work) {
    call(() -> {
      work.run();
      return true;
    });
  }

  /**
   * Does something now, and once more when the open transaction is durable: what is remembered of a
   * row is forgotten, and may be loaded again before others see the change.
   */
  public static void nowAndAfterCommit(Runnable what) {
    what.run();
    if (TransactionSynchronizationManager.isSynchronizationActive()) {
      afterCommit(what);
    }
  }

  /** Does something when the open transaction is durable, and not at all where it fails. */
  public static void afterCommit(Runnable what) {
    TransactionSynchronizationManager.registerSynchronization(
        new TransactionSynchronization() {
          @Override
          public void afterCommit() {
            what.run();
          }
        });
  }

  /** Whether this thread is inside a transaction. No call to the outside may be made then. */
  public static boolean isOpen() {
    return TransactionSynchronizationManager.isActualTransactionActive();
  }

  private static boolean isWorthRetrying(Throwable e) {
    String state = sqlState(e);
    return "40001".equals(state) || "40P01".equals(state);
  }

  /** Whether PostgreSQL refused the data itself: SQLState classes 22, 23 and 54 (too long). */
  public static boolean isDataError(Throwable e) {
    String state = sqlState(e);
    return state != null
        && (state.startsWith("22") || state.startsWith("23") || state.startsWith("54"));
  }

  /** Whether the database, or the way to it, is what failed: not what it was asked to do. */
  public static boolean isDatabaseTrouble(Throwable e) {
    return (e instanceof DataAccessException || e instanceof TransactionException)
        && !isDataError(e);
  }

  /** Whether the database takes no writes, or has ended a transaction that stood still. */
  public static boolean isUnwilling(Throwable e) {
    String state = sqlState(e);
    return "25006".equals(state) || "25P03".equals(state);
  }

  /** Whether the database has no room on its disk: it stored nothing. */
  public static boolean isFull(Throwable e) {
    return "53100".equals(sqlState(e));
  }

  /** Whether this user may not do that. */
  public static boolean isForbidden(Throwable e) {
    return "42501".equals(sqlState(e));
  }

  /** Whether another transaction held a lock for longer than lock_timeout. */
  public static boolean isLockTimeout(Throwable e) {
    return "55P03".equals(sqlState(e));
  }

  /** Whether a statement took longer than it may; its transaction did nothing. */
  public static boolean isStatementTimeout(Throwable e) {
    return "57014".equals(sqlState(e));
  }

  /**
   * Whether one of several that were to be committed together may have failed all: each alone finds
   * out which.
   */
  public static boolean isOneToBlame(Throwable e) {
    return isDataError(e) || isLockTimeout(e);
  }

  /** Whether no connection could be had. */
  public static boolean isWithoutConnection(Throwable e) {
    return e instanceof CannotGetJdbcConnectionException
        || e instanceof CannotCreateTransactionException;
  }

  private static @Nullable String sqlState(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql && sql.getSQLState() != null) {
        return sql.getSQLState();
      }
    }
    return null;
  }
}
