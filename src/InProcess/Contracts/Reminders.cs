using Orleans.Runtime;
using SessionManager.InProcess;

namespace Orleans.Runtime
{
    public interface IGrainReminder
    {
        string ReminderName { get; }
    }

    /// <param name="FirstTickTime">When the first tick was due, UTC.</param>
    /// <param name="CurrentTickTime">When this tick was sent, UTC.</param>
    [Immutable]
    public readonly record struct TickStatus(DateTime FirstTickTime, TimeSpan Period, DateTime CurrentTickTime);
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
            ArgumentException.ThrowIfNullOrWhiteSpace(reminderName);
            if (grain is not IRemindable)
                throw new InvalidOperationException($"{ActivationOf(grain).GrainId} must implement {nameof(IRemindable)} to have reminders.");
            return Reminders(grain).RegisterAsync(ActivationOf(grain).GrainId, reminderName, dueTime, period);
        }

        /// <summary>No tick starts any more once this has completed.</summary>
        public static Task UnregisterReminder(this IGrainBase grain, IGrainReminder reminder) => Reminders(grain).UnregisterAsync(reminder);

        public static Task<IGrainReminder?> GetReminder(this IGrainBase grain, string reminderName) =>
            Reminders(grain).GetAsync(ActivationOf(grain).GrainId, reminderName);

        public static Task<List<IGrainReminder>> GetReminders(this IGrainBase grain) =>
            Reminders(grain).GetAllAsync(ActivationOf(grain).GrainId);

        static ReminderService Reminders(IGrainBase grain) => ActivationOf(grain).Engine.Reminders;

        static Activation ActivationOf(IGrainBase grain) => (Activation)grain.GrainContext;
    }
}
