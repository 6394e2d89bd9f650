namespace Orleans.Runtime
{
    public class OrleansException(string message, Exception? innerException = null) : Exception(message, innerException);

    public class OrleansConfigurationException(string message) : Exception(message);

    /// <summary>The engine is stopped or was never started. A call that was under way has an unknown outcome.</summary>
    public class SiloUnavailableException(string message) : OrleansException(message);

    /// <summary>The call was never started, and may be tried again.</summary>
    public class OrleansMessageRejectionException(string message) : OrleansException(message);

    /// <summary>The observer behind a reference was deleted or is gone.</summary>
    public class ClientNotAvailableException(string message) : OrleansException(message);

    public sealed class ReminderException(string message) : OrleansException(message);
}

namespace Orleans.Storage
{
    /// <summary>
    /// The stored record is not the one that was read: another activation wrote in between. Leaving a grain's call, it ends that
    /// activation, so that the next one reads again.
    /// </summary>
    public class InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag) : Runtime.OrleansException(errorMsg)
    {
        public string? StoredEtag { get; } = storedEtag;
        public string? CurrentEtag { get; } = currentEtag;

        /// <summary>False once it has ended an activation: passing on through callers it must end no other.</summary>
        internal bool IsSourceActivation { get; set; } = true;
    }
}
