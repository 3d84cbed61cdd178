package dev.postrider.testing;

import dev.postrider.app.AppId;
import dev.postrider.message.ContentRoom;
import dev.postrider.testing.RunningService.TestApp;
import java.util.function.Supplier;

/** A node that has as much of one application in memory as it may. */
public final class TestContentRoom {
  private static final int MEBIBYTE = 1024 * 1024;

  private TestContentRoom() {}

  /** Does something while there is no room for this application, which has three quarters of it. */
  public static <T> T withoutAny(RunningService service, TestApp app, Supplier<T> work) {
    ContentRoom room = service.bean(ContentRoom.class);
    AppId id = new AppId(app.id());
    Supplier<T> taken =
        () -> {
          throw new AssertionError("somebody else has it");
        };
    return room.with(id, 4 * MEBIBYTE, () -> room.with(id, 2 * MEBIBYTE, work, taken), taken);
  }
}
