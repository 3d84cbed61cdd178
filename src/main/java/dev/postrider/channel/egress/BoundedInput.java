package dev.postrider.channel.egress;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** What the other side says, up to a number of bytes: then reading fails. */
final class BoundedInput extends FilterInputStream {
  private final long most;
  private long left;

  BoundedInput(InputStream in, long most) {
    super(in);
    this.most = most;
    this.left = most;
  }

  @Override
  public int read() throws IOException {
    checkLeft();
    int read = super.read();
    left -= read < 0 ? 0 : 1;
    return read;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    checkLeft();
    int read = super.read(buffer, offset, (int) Math.min(length, left));
    left -= Math.max(0, read);
    return read;
  }

  private void checkLeft() throws IOException {
    if (left == 0) {
      throw new IOException("the server says more than " + most + " bytes");
    }
  }
}
