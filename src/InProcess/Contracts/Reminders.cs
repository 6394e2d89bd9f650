using Orleans.Runtime;
using SessionManager.InProcess;

namespace Orleans.Runtime
{
    public interface IGrainReminder
    {
        string ReminderName { get; }
    }

    /// <param name="firstTickTime">When the first tick was due, UTC.</param>
    /// <param name="timeStamp">When this tick was sent, UTC.</param>
    [GenerateSerializer, Immutable]
    public readonly struct TickStatus(DateTime firstTickTime, TimeSpan period, DateTime timeStamp)
    {
        [Id(0)]
        public DateTime FirstTickTime { get; } = firstTickTime;

        [Id(1)]
        public TimeSpan Period { get; } = period;

        [Id(2)]
        public DateTime CurrentTickTime { get; } = timeStamp;

        public override string ToString() => $"<{FirstTickTime}, {Period}, {CurrentTickTime}>";
    }
}

namespace Orleans
{
    /// <summary>A grain that has reminders. A tick activates it where it is not active.</summary>
    public interface IRemindable : IGrain
    {
        Task ReceiveReminder(string reminderName, TickStatus status);
    }

    public static class GrainReminderExtensions
    {
        /// <param name="period">At least <see cref="InProcessOptions.MinimumReminderPeriod"/>.</param>
        /// <exception cref="ArgumentException">The name, the due time or the period is not allowed.</exception>
        public static Task<IGrainReminder> RegisterOrUpdateReminder(
            this IGrainBase grain, string reminderName, TimeSpan dueTime, TimeSpan period)
        {
            var activation = ActivationOf(grain);
            ArgumentException.ThrowIfNullOrWhiteSpace(reminderName);
            if (grain is not IRemindable)
                throw new InvalidOperationException($"{activation.GrainId} must implement {nameof(IRemindable)} to have reminders.");
            return activation.Engine.Reminders.RegisterAsync(activation.GrainId, reminderName, dueTime, period);
        }

        /// <summary>No tick starts any more once this has completed.</summary>
        public static Task UnregisterReminder(this IGrainBase grain, IGrainReminder reminder) =>
            ActivationOf(grain).Engine.Reminders.UnregisterAsync(reminder);

        public static Task<IGrainReminder?> GetReminder(this IGrainBase grain, string reminderName)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(reminderName);
            var activation = ActivationOf(grain);
            return activation.Engine.Reminders.GetAsync(activation.GrainId, reminderName);
        }

        public static Task<List<IGrainReminder>> GetReminders(this IGrainBase grain)
        {
            var activation = ActivationOf(grain);
            return activation.Engine.Reminders.GetAllAsync(activation.GrainId);
        }

        static Activation ActivationOf(IGrainBase grain)
        {
            ArgumentNullException.ThrowIfNull(grain);
            return (Activation)grain.GrainContext;
        }
    }
}
