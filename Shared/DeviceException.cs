namespace CnnOnnx;

/// <summary>A device that a network was asked to run on, and that is unknown, missing or does not work. Says what is missing.</summary>
public sealed class DeviceException : BadInputException
{
    /// <summary>Makes the message "device 'cuda:1': problem".</summary>
    /// <param name="device">The device as it was asked for.</param>
    /// <param name="problem">Obstacle, and the way out.</param>
    /// <param name="inner">The fault that led to this one.</param>
    public DeviceException(string device, string problem, Exception? inner = null)
        : base($"device '{device}': {problem}", inner) => Device = device;

    /// <summary>The device as it was asked for, such as cuda:1.</summary>
    public string Device { get; }
}
