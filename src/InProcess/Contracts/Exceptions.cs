using Orleans.Runtime;

namespace Orleans.Runtime
{
    public class OrleansException : Exception
    {
        public OrleansException() : base("Unexpected error.")
        {
        }

        public OrleansException(string message) : base(message)
        {
        }

        public OrleansException(string message, Exception innerException) : base(message, innerException)
        {
        }
    }

    public class OrleansConfigurationException : Exception
    {
        public OrleansConfigurationException()
        {
        }

        public OrleansConfigurationException(string message) : base(message)
        {
        }

        public OrleansConfigurationException(string message, Exception innerException) : base(message, innerException)
        {
        }
    }

    /// <summary>The engine is stopped or was never started. A call that was under way has an unknown outcome.</summary>
    public class SiloUnavailableException : OrleansException
    {
        public SiloUnavailableException() : base("The engine is not running.")
        {
        }

        public SiloUnavailableException(string message) : base(message)
        {
        }

        public SiloUnavailableException(string message, Exception innerException) : base(message, innerException)
        {
        }
    }

    /// <summary>The call was never started, and may be tried again.</summary>
    public class OrleansMessageRejectionException : OrleansException
    {
        public OrleansMessageRejectionException()
        {
        }

        public OrleansMessageRejectionException(string message) : base(message)
        {
        }

        public OrleansMessageRejectionException(string message, Exception innerException) : base(message, innerException)
        {
        }
    }

    /// <summary>The observer behind a reference was deleted or is gone.</summary>
    public class ClientNotAvailableException : OrleansException
    {
        public ClientNotAvailableException() : base("The observer is gone.")
        {
        }

        public ClientNotAvailableException(string message) : base(message)
        {
        }

        public ClientNotAvailableException(string message, Exception innerException) : base(message, innerException)
        {
        }
    }

    public sealed class ReminderException : OrleansException
    {
        public ReminderException()
        {
        }

        public ReminderException(string message) : base(message)
        {
        }

        public ReminderException(string message, Exception innerException) : base(message, innerException)
        {
        }
    }
}

namespace Orleans.Storage
{
    /// <summary>
    /// The stored record is not the one that was read: another activation wrote in between. Leaving a grain's call, it ends that
    /// activation, so that the next one reads again.
    /// </summary>
    public class InconsistentStateException : OrleansException
    {
        public InconsistentStateException()
        {
        }

        public InconsistentStateException(string message) : base(message)
        {
        }

        public InconsistentStateException(string message, Exception innerException) : base(message, innerException)
        {
        }

        public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag) : base(errorMsg)
        {
            StoredEtag = storedEtag;
            CurrentEtag = currentEtag;
        }

        public string? StoredEtag { get; }

        public string? CurrentEtag { get; }

        /// <summary>False once it has ended an activation: passing on through callers it must end no other.</summary>
        internal bool IsSourceActivation { get; set; } = true;
    }
}
