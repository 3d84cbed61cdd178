package dev.postrider.queue;

/** The model keeps the same contract as the queue it is the model of. */
class ModelJobQueueTest implements JobQueueContract {
  private final ModelJobQueue model = new ModelJobQueue();

  @Override
  public JobQueue queue() {
    return model;
  }

  @Override
  public void leasesRunOut() {
    model.leasesRunOut();
  }
}
