package dev.postrider.channel;

/** A receipt, and the sender it came by. Published where a provider is inside this process. */
public record ReceiptArrived(long senderId, Receipt receipt) {}
