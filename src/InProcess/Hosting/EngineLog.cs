using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace SessionManager.InProcess;

/// <summary>What the engine writes to the log.</summary>
sealed partial class EngineLog(ILogger<InProcessEngine> logger)
{
    readonly ILogger _logger = logger;

    [LoggerMessage(1, LogLevel.Critical, "A turn of {Queue} failed inside the engine.")]
    public partial void TurnFailed(Exception exception, string queue);

    [LoggerMessage(2, LogLevel.Warning, "{Grain} could not be activated.")]
    public partial void ActivationFailed(Exception exception, GrainId grain);

    [LoggerMessage(3, LogLevel.Error, "{Grain} failed while it was deactivated.")]
    public partial void DeactivationFailed(Exception exception, GrainId grain);

    [LoggerMessage(4, LogLevel.Warning, "A timer tick of {Grain} failed; the timer goes on.")]
    public partial void TimerFailed(Exception exception, string grain);

    [LoggerMessage(5, LogLevel.Error, "Reminder {Reminder} of {Grain} could not be delivered; its next tick will be tried.")]
    public partial void ReminderFailed(Exception exception, string reminder, GrainId grain);

    [LoggerMessage(6, LogLevel.Error, "{Operation} of '{Record}' of {Grain} failed.")]
    public partial void StorageFailed(Exception exception, string operation, string record, GrainId grain);

    [LoggerMessage(7, LogLevel.Warning, "One-way call {Method} to {Grain} failed.")]
    public partial void OneWayCallFailed(Exception exception, GrainMethod method, GrainId grain);

    [LoggerMessage(8, LogLevel.Warning, "{Count} activations did not end in time.")]
    public partial void StopIncomplete(int count);

    [LoggerMessage(9, LogLevel.Warning, "The reminders could not be read again; the next time will be tried.")]
    public partial void RemindersNotRefreshed(Exception exception);
}
