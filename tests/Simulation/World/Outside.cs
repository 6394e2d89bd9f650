using SessionManager.Simulation.Runtime;

namespace SessionManager.Simulation;

/// <summary>
/// Where everything outside the engine runs: clients, nodes, administrators. Every continuation is a turn of its own among the
/// engine's.
/// </summary>
sealed class Outside(TurnPicker picker) : TaskScheduler
{
    public Task Start(Func<Task> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.None, this).Unwrap();

    protected override void QueueTask(Task task) => picker.Enqueue(new Turn(this, task));

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => [];

    public sealed class Turn(Outside outside, Task task) : ITurnSource
    {
        public string Name => "outside";

        public void RunTurn() => outside.TryExecuteTask(task);
    }
}
